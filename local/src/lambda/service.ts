import type { HostedService } from '../gateway/hosted-service.ts';
import { createInvoke } from './backend.ts';
import { LAMBDA_DIALECT } from './dialect.ts';
import { type FunctionRoutesOptions, functionRoutes } from './routes.ts';

/** Lambda with the template's functions, which the host of `options.lambda` runs and bills. */
export function createLambdaService(options: FunctionRoutesOptions): HostedService {
  const { assembly, lambda } = options;
  const { region, accountId } = assembly;
  const invoke = createInvoke(assembly, lambda);

  return {
    dialect: LAMBDA_DIALECT,
    // The host disturbs an invocation, wherever it comes from.
    takesFaults: false,
    backend: async (_request, call) => ({ response: await invoke(call) }),
    permissionsOf: ({ operation, input }) => [
      {
        action: `lambda:${operation === 'Invoke' ? 'InvokeFunction' : operation}`,
        resource: `arn:aws:lambda:${region}:${accountId}:function:${String(input.FunctionName)}`,
        context: {},
      },
    ],
    usageOf: () => [],
    routes: functionRoutes(options),
    close: () => {},
  };
}
