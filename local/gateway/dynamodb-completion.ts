import type { DynamoDbEmulator } from '../emulators/dynamodb.ts';
import type { Assembly, Clock, ServiceResponse } from '../ports.ts';

export type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What a call did, as far as billing needs to know it. */
export interface DynamoDbOutcome {
  readonly response: ServiceResponse;
  readonly before?: readonly (Item | undefined)[];
  readonly after?: readonly (Item | undefined)[];
  readonly evaluated?: readonly Item[];
}

interface Input {
  readonly TableName: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly ReturnValuesOnConditionCheckFailure?: string;
  readonly FilterExpression?: string;
  readonly ProjectionExpression?: string;
  readonly Select?: string;
}

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

/**
 * DynamoDB as production relies on it, over an emulator that lacks parts: the old item of a failed condition,
 * expiry by time to live, and the sizes that AWS would bill.
 */
export function createDynamoDb(assembly: Assembly, clock: Clock, emulator: DynamoDbEmulator) {
  const tables = new Map(
    assembly.byType('AWS::DynamoDB::Table').map((table) => [table.physicalId, describe(table.properties)]),
  );
  const tableOf = (name: string) => tables.get(name) ?? { keys: [], timeToLive: undefined };
  const isExpired = (table: string, item: Item | undefined) => {
    const attribute = tableOf(table).timeToLive;
    const expiry = attribute === undefined ? undefined : item?.[attribute]?.N;
    return expiry !== undefined && Number(expiry) * 1000 <= clock.now();
  };
  const keyOf = (input: Input): Item => input.Key ?? pick(input.Item ?? {}, tableOf(input.TableName).keys);
  const read = async (input: Input) => {
    const Key = keyOf(input);
    const answer = { TableName: input.TableName, Key, ConsistentRead: true };
    return (await emulator.call<{ Item?: Item }>('GetItem', answer)).Item;
  };

  const write = async (operation: string, input: Input, body: Buffer): Promise<DynamoDbOutcome> => {
    let before = await read(input);
    if (isExpired(input.TableName, before)) {
      await emulator.call('DeleteItem', { TableName: input.TableName, Key: keyOf(input) });
      before = undefined;
    }
    const response = await forward(emulator, operation, withoutUnknown(input, body));
    if (response.status !== 200) return { response: addOldItem(response, input, before), before: [before] };
    const after =
      operation === 'PutItem' ? input.Item : operation === 'UpdateItem' ? await read(input) : undefined;
    return { response, before: [before], after: [after] };
  };

  const readOne = async (input: Input, body: Buffer): Promise<DynamoDbOutcome> => {
    const response = await forward(emulator, 'GetItem', body);
    const parsed = parse<{ Item?: Item }>(response);
    if (isExpired(input.TableName, parsed.Item)) return { response: json({}), before: [undefined] };
    return { response, before: [input.ProjectionExpression ? await read(input) : parsed.Item] };
  };

  const query = async (operation: string, input: Input, body: Buffer): Promise<DynamoDbOutcome> => {
    const response = await forward(emulator, operation, body);
    const parsed = parse<{ Items?: Item[]; Count?: number }>(response);
    if (response.status !== 200 || !parsed.Items) return { response };
    const isNarrowed = input.FilterExpression ?? input.ProjectionExpression ?? input.Select;
    const evaluated = isNarrowed ? await unfiltered(emulator, operation, input) : parsed.Items;
    const Items = parsed.Items.filter((item) => !isExpired(input.TableName, item));
    return {
      response:
        Items.length === parsed.Items.length ? response : json({ ...parsed, Items, Count: Items.length }),
      evaluated,
    };
  };

  return async (
    operation: string,
    input: Readonly<Record<string, unknown>>,
    body: Buffer,
  ): Promise<DynamoDbOutcome> => {
    const typed = input as unknown as Input;
    if (WRITES.has(operation)) return write(operation, typed, body);
    if (operation === 'GetItem') return readOne(typed, body);
    if (operation === 'Query' || operation === 'Scan') return query(operation, typed, body);
    return { response: await forward(emulator, operation, body) };
  };
}

function describe(properties: Readonly<Record<string, unknown>>) {
  const { AttributeName, Enabled } = (properties.TimeToLiveSpecification ?? {}) as {
    AttributeName?: string;
    Enabled?: boolean;
  };
  return {
    keys: (properties.KeySchema as { AttributeName: string }[]).map((key) => key.AttributeName),
    timeToLive: Enabled === true ? AttributeName : undefined,
  };
}

const pick = (item: Item, names: readonly string[]): Item =>
  Object.fromEntries(names.map((name) => [name, item[name] ?? {}]));

async function forward(
  emulator: DynamoDbEmulator,
  operation: string,
  body: Buffer,
): Promise<ServiceResponse> {
  return emulator.hop.send({
    method: 'POST',
    path: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body,
  });
}

/** The same query as DynamoDB reads it before it filters. */
async function unfiltered(
  emulator: DynamoDbEmulator,
  operation: string,
  input: Input,
): Promise<readonly Item[]> {
  const { FilterExpression, ProjectionExpression, Select, ...rest } = input as Input &
    Record<string, unknown>;
  const used = JSON.stringify(rest);
  const names = keepUsed(rest.ExpressionAttributeNames as Record<string, unknown> | undefined, used);
  const values = keepUsed(rest.ExpressionAttributeValues as Record<string, unknown> | undefined, used);
  const whole = { ...rest, ExpressionAttributeNames: names, ExpressionAttributeValues: values };
  return (await emulator.call<{ Items?: Item[] }>(operation, whole)).Items ?? [];
}

/** DynamoDB refuses names and values that no expression uses. */
function keepUsed(
  map: Record<string, unknown> | undefined,
  text: string,
): Record<string, unknown> | undefined {
  const kept = Object.entries(map ?? {}).filter(([name]) => text.split(name).length > 2);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function withoutUnknown(input: Input, body: Buffer): Buffer {
  if (input.ReturnValuesOnConditionCheckFailure === undefined) return body;
  const { ReturnValuesOnConditionCheckFailure, ...known } = input;
  return Buffer.from(JSON.stringify(known));
}

function addOldItem(response: ServiceResponse, input: Input, before: Item | undefined): ServiceResponse {
  const error = parse<{ __type?: string }>(response);
  const wanted = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before !== undefined;
  if (!wanted || !error.__type?.includes('ConditionalCheckFailed')) return response;
  return { ...response, ...json({ ...error, Item: before }), status: response.status };
}

const parse = <T>(response: ServiceResponse): T => JSON.parse(response.body.toString('utf8') || '{}') as T;

/** Without the emulator's own length and checksum headers, which a changed body would belie. */
const json = (value: unknown): ServiceResponse => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: Buffer.from(JSON.stringify(value)),
});
