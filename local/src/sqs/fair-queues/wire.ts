import type { Hop, HopRequest, HopResponse } from '../../emulators/http-hop.ts';
import { asRecord, parseJson } from '../../host/json.ts';

export type SqsInput = Readonly<Record<string, unknown>>;
export type BatchEntry = SqsInput & { readonly Id?: string };

interface BatchAnswer {
  readonly Successful?: readonly BatchEntry[];
  readonly Failed?: readonly BatchEntry[];
}

export const operationOf = ({ headers }: HopRequest): string | undefined =>
  headers['x-amz-target']?.split('.').at(-1);

/** None where the body holds no JSON object. */
export const readInput = ({ body }: { readonly body: Buffer }): SqsInput => asRecord(parseJson(body));

export const queueNameOf = ({ QueueUrl }: SqsInput): string =>
  String(QueueUrl ?? '')
    .split('/')
    .at(-1) ?? '';

/** The same call about another queue of the emulator. */
export const callWith = (
  hop: Hop,
  request: HopRequest,
  input: SqsInput,
  queue: string,
): Promise<HopResponse> => {
  const QueueUrl = String(input.QueueUrl).replace(/[^/]*$/, queue);
  return hop.send({ ...request, body: Buffer.from(JSON.stringify({ ...input, QueueUrl })) });
};

export const replyJson = (value: unknown): HopResponse => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: Buffer.from(JSON.stringify(value)),
});

export const entriesOf = ({ Entries }: SqsInput): readonly BatchEntry[] =>
  Array.isArray(Entries) ? (Entries as BatchEntry[]) : [];

const MAX_ENTRIES = 10;

/**
 * Tells whether SQS would refuse a batch as a whole; the emulator then says how, and nothing of it may be
 * done before.
 */
export function isRefusedBatch(entries: readonly BatchEntry[]): boolean {
  const ids = new Set(entries.map(({ Id }) => Id));
  return entries.length === 0 || entries.length > MAX_ENTRIES || ids.size < entries.length;
}

/** One answer of several, in the order of the request. */
export function mergeAnswers(entries: readonly BatchEntry[], responses: readonly HopResponse[]): HopResponse {
  const refused = responses.find(({ status }) => status !== 200);
  if (refused) return refused;
  const order = new Map(entries.map(({ Id }, index) => [Id, index]));
  const answers = responses.map((response) => readInput(response) as BatchAnswer);
  const inOrder = (list: keyof BatchAnswer) =>
    answers
      .flatMap((answer) => answer[list] ?? [])
      .toSorted((one, other) => (order.get(one.Id) ?? 0) - (order.get(other.Id) ?? 0));
  return replyJson({ Successful: inOrder('Successful'), Failed: inOrder('Failed') });
}
