import type { DynamoDbEmulator } from '../emulators/dynamodb.ts';
import type { QueuesAndBuckets } from '../emulators/queues-and-buckets.ts';
import type {
  Assembly,
  Clock,
  Gateway,
  ServiceBackend,
  ServiceName,
  ServiceRequest,
  ServiceResponse,
} from '../ports.ts';
import { awsError } from './aws-error.ts';
import { createDynamoDb, type DynamoDbOutcome } from './completion/dynamodb.ts';
import type { WireCall } from './read-call.ts';
import { createSns } from './sns-fan-out.ts';

export interface ServicesOptions {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly dynamodb: DynamoDbEmulator;
  readonly queuesAndBuckets: QueuesAndBuckets;
  /** Joined late: the SES stand-in publishes through the gateway that it stands behind. */
  readonly ses: () => ServiceBackend;
  readonly call: Gateway['call'];
}

export type Forward = (request: ServiceRequest, wire: WireCall) => Promise<DynamoDbOutcome>;

/** Who answers for each service. */
export function createServices(options: ServicesOptions): Forward {
  const { assembly, clock, queuesAndBuckets } = options;
  const dynamodb = createDynamoDb(assembly, clock, options.dynamodb);
  const sns = createSns(assembly, options.call);
  const toFauxqs = async ({ method, url, headers, body }: ServiceRequest) => ({
    response: await queuesAndBuckets.hop.send({ method, path: url, headers: withoutHop(headers), body }),
  });
  const unhosted = async ({ service, operation }: ServiceRequest) => ({
    response: awsError(
      service,
      501,
      'NotImplemented',
      `The local cloud does not host ${service} ${operation}`,
    ),
  });

  const forward: Readonly<Record<ServiceName, Forward>> = {
    dynamodb: ({ operation, body }, { input }) => dynamodb(operation, input, body),
    sqs: toFauxqs,
    s3: toFauxqs,
    sns: async ({ operation }, { input }) => ({ response: await sns(operation, input) }),
    ses: async (request) => ({ response: await options.ses().handle(request) }),
    events: unhosted,
    lambda: unhosted,
  };
  return (request, wire) => forward[request.service](request, wire);
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
