import type { Clock } from '../../host/clock.ts';
import type { WithKeys } from '../../host/key-locks.ts';
import type { DynamoDbEmulator } from '../emulator.ts';
import type { Item } from '../item-size.ts';
import type { NoteChange } from './item-changes.ts';
import { keyOf, lockName, type ShapeOf, type TableShape } from './table-shapes.ts';

interface TimeToLive {
  /** Takes note of an item that was written. */
  note(table: TableShape, item: Item): void;
  /** Deletes what the clock has passed. AWS takes up to some days for it; no caller may rely on reading such an item. */
  expire(): Promise<void>;
}

interface Mortal {
  readonly table: TableShape;
  readonly key: Item;
}

interface TimeToLiveDeps {
  readonly emulator: Pick<DynamoDbEmulator, 'call'>;
  readonly clock: Clock;
  readonly withKeys: WithKeys;
  readonly noteChange: NoteChange;
}

/** Expiry by time to live over an emulator without it. Finds items of an earlier run with `findExisting`. */
export function createTimeToLive(deps: TimeToLiveDeps): TimeToLive {
  const { clock } = deps;
  const byExpirySecond = new Map<number, Mortal[]>();
  let earliest = Number.POSITIVE_INFINITY;
  let expiring: Promise<void> | undefined;

  const takeDue = (nowSeconds: number): [number, Mortal[]][] => {
    const due = [...byExpirySecond].filter(([second]) => second <= nowSeconds);
    for (const [second] of due) byExpirySecond.delete(second);
    earliest = Number.POSITIVE_INFINITY;
    for (const second of byExpirySecond.keys()) earliest = Math.min(earliest, second);
    return due;
  };
  const expireDue = async () => {
    const nowSeconds = clock.now() / 1000;
    const mortals = takeDue(nowSeconds).flatMap(([, noted]) => noted);
    await Promise.all(mortals.map((mortal) => deleteExpired(mortal, nowSeconds, deps)));
  };

  return {
    note: (table, item) => {
      const second = expirySecond(table, item);
      if (second === undefined) return;
      const noted = byExpirySecond.get(second);
      const mortal = { table, key: keyOf(table, item) };
      if (noted) noted.push(mortal);
      else byExpirySecond.set(second, [mortal]);
      earliest = Math.min(earliest, second);
    },
    expire: async () => {
      await expiring;
      if (earliest * 1000 > clock.now()) return;
      expiring ??= expireDue().finally(() => {
        expiring = undefined;
      });
      await expiring;
    },
  };
}

function expirySecond({ timeToLive }: TableShape, item: Item): number | undefined {
  const value = timeToLive === undefined ? undefined : (item[timeToLive] as { N?: string } | undefined);
  return value?.N === undefined ? undefined : Math.ceil(Number(value.N));
}

/** Deletes on condition: the item may have been given a longer life since it was noted. */
async function deleteExpired(
  { table, key }: Mortal,
  nowSeconds: number,
  { emulator, withKeys, noteChange }: TimeToLiveDeps,
): Promise<void> {
  await withKeys([lockName(table, key)], async () => {
    try {
      const { Attributes: before } = await emulator.call<{ Attributes?: Item }>('DeleteItem', {
        TableName: table.name,
        Key: key,
        ConditionExpression: '#expiry <= :now',
        ExpressionAttributeNames: { '#expiry': table.timeToLive },
        ExpressionAttributeValues: { ':now': { N: String(nowSeconds) } },
        ReturnValues: 'ALL_OLD',
      });
      noteChange(table, { before, after: undefined, isExpiry: true });
    } catch (error) {
      if (!String(error).includes('ConditionalCheckFailedException')) throw error;
    }
  });
}

/** Notes the items that a data folder or a DynamoDB elsewhere already holds. */
export async function findExisting(
  emulator: Pick<DynamoDbEmulator, 'call'>,
  tableNames: readonly string[],
  shapeOf: ShapeOf,
  { note }: Pick<TimeToLive, 'note'>,
): Promise<void> {
  for (const table of tableNames.map(shapeOf)) {
    if (table.timeToLive === undefined) continue;
    let ExclusiveStartKey: Item | undefined;
    do {
      const input = { TableName: table.name, ...(ExclusiveStartKey && { ExclusiveStartKey }) };
      const page = await emulator.call<{ Items?: Item[]; LastEvaluatedKey?: Item }>('Scan', input);
      for (const item of page.Items ?? []) note(table, item);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
  }
}
