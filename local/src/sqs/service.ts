import type { Assembly } from '../assembly/assembly.ts';
import type { HostedService } from '../gateway/hosted-service.ts';
import { toHop } from '../gateway/pass-on.ts';
import type { Clock } from '../host/clock.ts';
import { parseJson } from '../host/json.ts';
import { SQS_DIALECT } from './dialect.ts';
import type { Queues } from './emulator.ts';
import { sqsPermissions } from './permissions.ts';
import { createRetention } from './retention.ts';
import { queueRoutes } from './routes.ts';
import { sqsUsage } from './usage.ts';

interface SqsServiceOptions {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly queues: Queues;
}

/** SQS with the template's queues, message groups handed out fairly. */
export function createSqsService({ assembly, clock, queues }: SqsServiceOptions): HostedService {
  const receive = createRetention(assembly, clock, queues.hop);

  return {
    dialect: SQS_DIALECT,
    backend: async (request) => {
      const send = request.operation === 'ReceiveMessage' ? receive : queues.hop.send;
      return { response: await send(toHop(request)) };
    },
    permissionsOf: (call) => sqsPermissions(call, assembly),
    usageOf: ({ operation, input }, { response: { status, body } }) => {
      if (status >= 400) return [];
      const response = operation === 'ReceiveMessage' ? parseJson(body) : undefined;
      return sqsUsage({ operation, request: input, response });
    },
    routes: queueRoutes(queues),
    close: queues.hop.close,
  };
}
