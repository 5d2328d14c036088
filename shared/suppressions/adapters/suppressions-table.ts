import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IF_ABSENT } from '../../base/adapters/dynamodb-errors.ts';
import type { SuppressionLists, Suppressions } from '../ports.ts';
import { type Suppression, withCause, withoutComplaint } from '../suppression.ts';
import { findSuppressed } from './suppressions-table-check.ts';
import {
  deleteEntry,
  deleteListing,
  ifSame,
  ifStill,
  type ListTable,
  putEntry,
  putListing,
  readEntry,
  readListed,
  readListing,
} from './suppressions-table-items.ts';
import { listSuppressions } from './suppressions-table-list.ts';

/** Rounds of a write. More than one means that another writer was at the same address in between. */
const ROUNDS = 10;

interface SuppressionsTableOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/**
 * One list for each scope. The entry by address is the truth, and the only item that sending reads. The listing item (by
 * id, for pages) follows it on the way in and out; what a crash leaves between the two is mended by the next `add`,
 * `remove` or `list`.
 */
export function createSuppressionsTable({ client, tableName }: SuppressionsTableOptions): SuppressionLists {
  return {
    findSuppressed: (scopes, addresses) => findSuppressed(client, tableName, scopes, addresses),
    forScope: (scope) => createList({ client, TableName: tableName, scope }),
  };
}

const createList = (list: ListTable): Suppressions => ({
  get: (idOrAddress) => (isAddress(idOrAddress) ? readEntry(list, idOrAddress) : readById(list, idOrAddress)),

  list: (page) => listSuppressions(list, page),

  async add(wanted) {
    const entry = await inRounds(() => tryAdd(list, wanted));
    await putListing(list, entry);
    return entry;
  },

  async withdrawComplaint(address, sourceMessageId) {
    await inRounds(() => tryWithdraw(list, address, sourceMessageId));
  },

  remove: (idOrAddress) =>
    isAddress(idOrAddress) ? removeByAddress(list, idOrAddress) : removeById(list, idOrAddress),
});

const isAddress = (idOrAddress: string): boolean => idOrAddress.includes('@');

async function readById(list: ListTable, suppressionId: string): Promise<Suppression | undefined> {
  const listed = await readListing(list, suppressionId);
  return listed && readListed(list, listed);
}

/** Runs a round once more where it ends undefined: another writer came between. */
async function inRounds<Done>(round: () => Promise<Done | undefined>): Promise<Done> {
  for (let rounds = 0; rounds < ROUNDS; rounds++) {
    const done = await round();
    if (done !== undefined) return done;
  }
  throw new SuppressionContestedError();
}

/** The entry that holds, or undefined where another writer came between. */
async function tryAdd(list: ListTable, wanted: Suppression): Promise<Suppression | undefined> {
  if (await putEntry(list, wanted, IF_ABSENT)) return wanted;
  const existing = await readEntry(list, wanted.address);
  if (existing === undefined) return undefined;
  const merged = withCause(existing, wanted);
  if (merged === existing) return existing;
  return (await putEntry(list, merged, ifStill(existing))) ? merged : undefined;
}

/** Tries to withdraw a complaint; undefined where another writer came between. */
async function tryWithdraw(
  list: ListTable,
  address: string,
  sourceMessageId: string,
): Promise<'withdrawn' | undefined> {
  const existing = await readEntry(list, address);
  if (existing === undefined) return 'withdrawn';
  const left = withoutComplaint(existing, sourceMessageId);
  if (left === existing) return 'withdrawn';
  const isReplaced =
    left === undefined ? await dropEntry(list, existing) : await replaceEntry(list, existing, left);
  return isReplaced ? 'withdrawn' : undefined;
}

async function dropEntry(list: ListTable, existing: Suppression): Promise<boolean> {
  if ((await deleteEntry(list, existing.address, ifStill(existing))) === undefined) return false;
  await deleteListing(list, existing.suppressionId);
  return true;
}

async function replaceEntry(list: ListTable, existing: Suppression, left: Suppression): Promise<boolean> {
  if (!(await putEntry(list, left, ifStill(existing)))) return false;
  await putListing(list, left);
  return true;
}

async function removeByAddress(list: ListTable, address: string): Promise<Suppression | undefined> {
  const removed = await deleteEntry(list, address);
  if (removed !== undefined) await deleteListing(list, removed.suppressionId);
  return removed;
}

async function removeById(list: ListTable, suppressionId: string): Promise<Suppression | undefined> {
  const listed = await readListing(list, suppressionId);
  if (listed === undefined) return undefined;
  const removed = await deleteEntry(list, listed.address, ifSame(listed));
  await deleteListing(list, listed.suppressionId);
  return removed ?? listed;
}

/** Error that several writers kept changing one address; trying again is safe. */
class SuppressionContestedError extends Error {
  override readonly name = 'SuppressionContestedError';
  readonly permanent = false;

  constructor() {
    super('Other writers kept changing the entry.');
  }
}
