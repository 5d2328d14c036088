import type { Assembly } from '../assembly/assembly.ts';
import type { HostedService } from '../gateway/hosted-service.ts';
import type { Gateway } from '../gateway/service-call.ts';
import { createSns } from './backend.ts';
import { SNS_DIALECT } from './dialect.ts';
import { snsUsage } from './usage.ts';

interface SnsServiceOptions {
  readonly assembly: Assembly;
  /** Reaches the queues behind a topic. */
  readonly call: Gateway['call'];
}

/** SNS with the template's topics. Throws for subscriptions that are not hosted. */
export function createSnsService({ assembly, call }: SnsServiceOptions): HostedService {
  const answer = createSns(assembly, call);

  return {
    dialect: SNS_DIALECT,
    backend: async ({ operation }, { input }) => ({ response: await answer(operation, input) }),
    permissionsOf: ({ operation, input }) => [
      { action: `sns:${operation}`, resource: String(input.TopicArn), context: {} },
    ],
    usageOf: ({ operation, input }, { response }) =>
      response.status < 400 ? snsUsage(operation, input) : [],
    routes: [],
    close: () => {},
  };
}
