import type { ServiceResponse } from '../../gateway/service-call.ts';
import type { WithKeys } from '../../host/key-locks.ts';
import type { DynamoDbEmulator } from '../emulator.ts';
import type { Item } from '../item-size.ts';
import type { NoteChange } from './item-changes.ts';
import type { DynamoDbOutcome } from './outcome.ts';
import { keyOf, lockName, type ShapeOf, type TableShape } from './table-shapes.ts';
import { forwardCall, parseBody, toBody, withBody } from './wire.ts';

export interface WriteDeps {
  readonly emulator: DynamoDbEmulator;
  readonly shapeOf: ShapeOf;
  readonly withKeys: WithKeys;
  readonly noteChange: NoteChange;
}

export interface WriteInput {
  readonly TableName: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly ReturnValues?: string;
  readonly ReturnValuesOnConditionCheckFailure?: string;
}

type ReadItem = (table: TableShape, key: Item) => Promise<Item | undefined>;

/** The item as it is now; undefined also for a key that the emulator refuses, as it will refuse the call itself. */
export const createReadItem =
  ({ call }: Pick<DynamoDbEmulator, 'call'>): ReadItem =>
  async ({ name }, key) => {
    const input = { TableName: name, Key: key, ConsistentRead: true };
    const answer = await call<{ Item?: Item }>('GetItem', input).catch(() => undefined);
    return answer?.Item;
  };

/**
 * One conditional write with the item before and after it. Writes to the same item wait for each other, so that the
 * old item of a failed condition is the one that failed it, and changes are noted in their order.
 */
export async function writeOne(
  operation: string,
  input: WriteInput,
  deps: WriteDeps,
): Promise<DynamoDbOutcome> {
  const table = deps.shapeOf(input.TableName);
  const key = keyOf(table, input.Key ?? input.Item ?? {});
  return deps.withKeys([lockName(table, key)], async () => {
    const outcome = await (operation === 'UpdateItem'
      ? update(table, key, input, deps)
      : replace(operation, table, key, input, deps));
    if (outcome.after) deps.noteChange(table, { before: outcome.before?.[0], after: outcome.after[0] });
    return outcome;
  });
}

/** A put or a delete gives the old item by itself. */
async function replace(
  operation: string,
  table: TableShape,
  key: Item,
  input: WriteInput,
  deps: WriteDeps,
): Promise<DynamoDbOutcome> {
  const response = await forwardWrite(operation, { ...input, ReturnValues: 'ALL_OLD' }, deps);
  if (response.status !== 200) return failed(response, input, await oldItem(response, table, key, deps));
  const { Attributes: before, ...rest } = parseBody<{ Attributes?: Item }>(response);
  return {
    response: input.ReturnValues === 'ALL_OLD' ? response : withBody(response, rest),
    before: [before],
    after: [operation === 'PutItem' ? input.Item : undefined],
  };
}

async function update(
  table: TableShape,
  key: Item,
  input: WriteInput,
  deps: WriteDeps,
): Promise<DynamoDbOutcome> {
  const read = createReadItem(deps.emulator);
  const before = await read(table, key);
  const isSilent = input.ReturnValues === undefined || input.ReturnValues === 'NONE';
  const asked = { ...input, ReturnValues: isSilent ? 'ALL_NEW' : input.ReturnValues };
  const response = await forwardWrite('UpdateItem', asked, deps);
  if (response.status !== 200) return failed(response, input, before);

  const { Attributes, ...rest } = parseBody<{ Attributes?: Item }>(response);
  const after = asked.ReturnValues === 'ALL_NEW' ? Attributes : await read(table, key);
  return { response: isSilent ? withBody(response, rest) : response, before: [before], after: [after] };
}

async function forwardWrite(operation: string, input: WriteInput, deps: WriteDeps): Promise<ServiceResponse> {
  const { ReturnValuesOnConditionCheckFailure, ...known } = input;
  return forwardCall(deps.emulator, operation, toBody(known));
}

const isConditionFailure = (response: ServiceResponse): boolean =>
  String(parseBody<{ __type?: string }>(response).__type).endsWith('ConditionalCheckFailedException');

const oldItem = async (response: ServiceResponse, table: TableShape, key: Item, { emulator }: WriteDeps) =>
  isConditionFailure(response) ? createReadItem(emulator)(table, key) : undefined;

/** A failed condition is billed by the item that is there, and tells it where it was asked to. */
function failed(response: ServiceResponse, input: WriteInput, before: Item | undefined): DynamoDbOutcome {
  const isTold =
    before && input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && isConditionFailure(response);
  if (!isTold) return { response, before: [before] };
  return {
    response: withBody(response, { ...parseBody<object>(response), Item: before }),
    before: [before],
  };
}
