import type { Assembly } from './assembly/assembly.ts';
import type { DynamoDbEmulator } from './dynamodb/emulator.ts';
import type { TableStreamBacklog } from './dynamodb/poller/backlog.ts';
import { createDynamoDbService } from './dynamodb/service.ts';
import type { TableStreams } from './dynamodb/table-streams/table-streams.ts';
import type { Fauxqs } from './emulators/fauxqs.ts';
import { createEventsService } from './events/service.ts';
import type { HostedServices } from './gateway/hosted-service.ts';
import type { Gateway, ServiceBackend } from './gateway/service-call.ts';
import type { Clock } from './host/clock.ts';
import type { LambdaHost } from './lambda/invocation.ts';
import { createLambdaService } from './lambda/service.ts';
import { createS3Service } from './s3/service.ts';
import type { SesBackend } from './ses/backend.ts';
import { createSesService } from './ses/service.ts';
import { createSnsService } from './sns/service.ts';
import type { Queues } from './sqs/emulator.ts';
import { createSqsService } from './sqs/service.ts';

/** Parts that stand behind the services. */
interface ServicesOptions {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly gateway: Pick<Gateway, 'endpoint' | 'call'>;
  readonly dynamodb: DynamoDbEmulator;
  readonly streams: TableStreams;
  readonly backlogs: () => readonly TableStreamBacklog[];
  readonly fauxqs: Fauxqs;
  readonly queues: Queues;
  readonly ses: SesBackend;
  readonly events: ServiceBackend;
  readonly lambda: Pick<LambdaHost, 'invoke'>;
}

/** Every service of the local cloud. Throws with the name of what the template asks for and is not hosted. */
export function createServices(options: ServicesOptions): HostedServices {
  const { assembly, clock, gateway, streams, backlogs, ses, lambda } = options;
  return {
    dynamodb: createDynamoDbService({ assembly, clock, emulator: options.dynamodb, streams, backlogs }),
    sqs: createSqsService({ assembly, clock, queues: options.queues }),
    s3: createS3Service({ assembly, clock, emulator: options.fauxqs }),
    sns: createSnsService({ assembly, call: gateway.call }),
    events: createEventsService({ assembly, backend: options.events }),
    ses: createSesService({ assembly, ses }),
    lambda: createLambdaService({ assembly, lambda, endpoint: gateway.endpoint }),
  };
}
