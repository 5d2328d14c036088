import type { Assembly } from '../assembly/assembly.ts';
import { createDynamoDb } from '../dynamodb/backend.ts';
import type { DynamoDbOutcome } from '../dynamodb/completion/outcome.ts';
import type { DynamoDbEmulator } from '../dynamodb/emulator.ts';
import type { TableStreams } from '../dynamodb/table-streams/table-streams.ts';
import type { Clock } from '../host/clock.ts';
import { createInvoke } from '../lambda/backend.ts';
import type { LambdaHost } from '../lambda/invocation.ts';
import { isTooLarge, putInParts } from '../s3/large-object.ts';
import { createObjectExpiry } from '../s3/object-expiry.ts';
import { createSns } from '../sns/backend.ts';
import type { QueuesAndBuckets } from '../sqs/emulator.ts';
import { createRetention } from '../sqs/retention.ts';
import type { Hop, HopRequest } from './http-hop.ts';
import type { WireCall } from './read-call.ts';
import type {
  Gateway,
  ServiceBackend,
  ServiceName,
  ServiceRequest,
  ServiceResponse,
} from './service-call.ts';

export interface ServicesOptions {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly dynamodb: DynamoDbEmulator;
  readonly streams: TableStreams;
  readonly queuesAndBuckets: QueuesAndBuckets;
  /** Joined late: the SES stand-in publishes through the gateway that it stands behind. */
  readonly ses: () => ServiceBackend;
  readonly lambda: Pick<LambdaHost, 'invoke'>;
  /** Joined late: targets are reached through the gateway. */
  readonly events: () => ServiceBackend;
  readonly call: Gateway['call'];
}

export type Forward = (request: ServiceRequest, wire: WireCall) => Promise<DynamoDbOutcome>;

/** Who answers for each service. Throws for what the template asks of SNS and is not hosted. */
export function createServices(options: ServicesOptions): Forward {
  const { assembly, call, clock, queuesAndBuckets, streams } = options;
  const dynamodb = createDynamoDb({ assembly, clock, emulator: options.dynamodb, streams });
  const sns = createSns(assembly, call);
  const invoke = createInvoke(assembly, options.lambda);

  const forward: Readonly<Record<ServiceName, Forward>> = {
    dynamodb: ({ operation, body }, { input }) => dynamodb(operation, input, body),
    sqs: createSqs(options, queuesAndBuckets.sqs),
    s3: createS3(options, queuesAndBuckets.hop),
    sns: async ({ operation }, { input }) => ({ response: await sns(operation, input) }),
    ses: async (request) => ({ response: await options.ses().handle(request) }),
    lambda: async (_request, wire) => ({ response: await invoke(wire) }),
    events: async (request) => ({ response: await options.events().handle(request) }),
  };
  return (request, wire) => forward[request.service](request, wire);
}

function createSqs({ assembly, clock }: ServicesOptions, hop: Hop): Forward {
  const receive = createRetention(assembly, clock, hop);
  return async (request) => ({
    response: await (request.operation === 'ReceiveMessage' ? receive : hop.send)(toHop(request)),
  });
}

function createS3({ assembly, clock }: ServicesOptions, hop: Hop): Forward {
  const expire = createObjectExpiry(assembly, clock, hop);
  return async (request, { bucket = '', key = '' }) => {
    const onward = toHop(request);
    if (request.operation === 'PutObject' && isTooLarge(onward))
      return { response: await putInParts(hop, onward) };
    const response = await hop.send(onward);
    const isRead = request.operation === 'GetObject' || request.operation === 'HeadObject';
    return { response: isRead ? await expire(bucket, key, response) : response };
  };
}

const HOP_HEADERS = new Set([
  'host',
  'connection',
  'content-length',
  'expect',
  'transfer-encoding',
  'keep-alive',
]);

const withoutHop = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_HEADERS.has(name)));

const toHop = ({ method, url, headers, body }: ServiceRequest): HopRequest => ({
  ...{ method, path: url, body },
  headers: withoutHop(headers),
});

/** Keeps the headers an SDK may read; the connection's own are this hop's. A HEAD tells the length of what it does not carry. */
export const passOn = (
  { method }: ServiceRequest,
  { status, headers, body }: ServiceResponse,
): ServiceResponse => ({
  status,
  headers: {
    ...withoutHop(headers),
    'content-length': method === 'HEAD' ? (headers['content-length'] ?? '0') : String(body.length),
  },
  body,
});
