import type { Assembly } from '../assembly/assembly.ts';
import type { Hop, HopRequest, HopResponse } from '../emulators/http-hop.ts';
import type { Clock } from '../host/clock.ts';

interface Message {
  readonly ReceiptHandle: string;
  readonly Attributes?: Readonly<Record<string, string>>;
}
interface Receive {
  readonly QueueUrl?: string;
  readonly WaitTimeSeconds?: number;
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
}

const SENT = 'SentTimestamp';
const DEFAULT_RETENTION_SECONDS = 345_600;

/** ReceiveMessage over an emulator that keeps messages for ever: what is older than the queue's retention is dropped. */
export function createRetention(assembly: Assembly, clock: Clock, hop: Hop) {
  const retentionMs = new Map(
    assembly.byType('AWS::SQS::Queue').map(({ arn, properties }) => {
      const seconds = Number(properties.MessageRetentionPeriod ?? DEFAULT_RETENTION_SECONDS);
      return [arn?.split(':').at(-1), seconds * 1000];
    }),
  );

  return async (request: HopRequest): Promise<HopResponse> => {
    const input = JSON.parse(request.body.toString('utf8')) as Receive;
    const keepMs = retentionMs.get(input.QueueUrl?.split('/').at(-1)) ?? Number.POSITIVE_INFINITY;
    const isOld = (message: Message) => Number(message.Attributes?.[SENT]) + keepMs <= clock.now();
    const deadline = performance.now() + (input.WaitTimeSeconds ?? 0) * 1000;

    for (let wait = input.WaitTimeSeconds; ; wait = secondsUntil(deadline)) {
      const response = await hop.send(withBody(request, { ...askSentTime(input), WaitTimeSeconds: wait }));
      const { Messages = [] } = parse(response);
      const old = Messages.filter(isOld);
      if (old.length === 0) return hideSentTime(response, Messages, input);
      await drop(hop, request, input, old);
      const kept = Messages.filter((message) => !isOld(message));
      if (kept.length > 0) return hideSentTime(withMessages(response, kept), kept, input);
    }
  };
}

const secondsUntil = (deadline: number): number =>
  Math.max(0, Math.floor((deadline - performance.now()) / 1000));

const namesOf = ({ AttributeNames = [], MessageSystemAttributeNames = [] }: Receive): readonly string[] => [
  ...AttributeNames,
  ...MessageSystemAttributeNames,
];

const isAsked = (input: Receive): boolean => namesOf(input).some((name) => name === 'All' || name === SENT);

const askSentTime = (input: Receive): Receive =>
  isAsked(input) ? input : { ...input, AttributeNames: [...namesOf(input), SENT] };

/** A caller gets no attribute that it did not ask for. */
function hideSentTime(response: HopResponse, messages: readonly Message[], input: Receive): HopResponse {
  if (messages.length === 0 || isAsked(input)) return response;
  return withMessages(
    response,
    messages.map(({ Attributes: { [SENT]: _sent, ...Attributes } = {}, ...message }) =>
      Object.keys(Attributes).length > 0 ? { ...message, Attributes } : message,
    ),
  );
}

async function drop(hop: Hop, request: HopRequest, { QueueUrl }: Receive, old: readonly Message[]) {
  const Entries = old.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  const headers = { ...request.headers, 'x-amz-target': 'AmazonSQS.DeleteMessageBatch' };
  await hop.send(withBody({ ...request, headers }, { QueueUrl, Entries }));
}

const parse = ({ body }: HopResponse) =>
  JSON.parse(body.toString('utf8') || '{}') as { Messages?: readonly Message[] };

const withBody = (request: HopRequest, value: unknown): HopRequest => ({
  ...request,
  body: Buffer.from(JSON.stringify(value)),
});

const withMessages = (response: HopResponse, Messages: readonly unknown[]): HopResponse => ({
  ...response,
  body: Buffer.from(JSON.stringify({ Messages })),
});
