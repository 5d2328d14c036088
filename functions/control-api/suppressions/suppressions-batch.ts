import { invalidField, missingField } from '../../../shared/base/contract/errors.ts';
import { readUuid } from '../../../shared/base/contract/uuid.ts';
import { inParallel } from '../../../shared/base/services/in-parallel.ts';
import { suppressionReference } from '../../../shared/suppressions/contract/suppression-object.ts';
import type { Suppression } from '../../../shared/suppressions/suppression.ts';
import { type Answer, type ApiRoute, created, ok, readFields } from '../call.ts';
import { listFor, manualEntry, readAddress, type SuppressionDeps } from './suppression-lists.ts';

const MAX_BATCH = 100;
const WRITES_AT_ONCE = 10;

type Fields = Readonly<Record<string, unknown>>;

export function suppressionBatchRoutes(deps: SuppressionDeps): readonly ApiRoute[] {
  return [
    { method: 'POST', pattern: '/suppressions/batch/add', handler: addAll(deps) },
    { method: 'POST', pattern: '/suppressions/batch/remove', handler: removeAll(deps) },
  ];
}

/** All are checked before the first is added; adding again is harmless. Answers in the order of the request. */
function addAll(deps: SuppressionDeps): Answer {
  return async ({ claims, body }) => {
    const fields = readFields(body);
    const addresses = readTexts(fields, 'emails').map(readAddress);
    const list = listFor(claims, fields.stream, deps);
    const entries = await forEachOnce(addresses, (address) => list.add(manualEntry(address, claims, deps)));
    return created({ data: entries.map(suppressionReference) });
  };
}

/** What is not on the list is left out of the answer: nothing was deleted, and an address alone has no id. */
function removeAll(deps: SuppressionDeps): Answer {
  return async ({ claims, body }) => {
    const fields = readFields(body);
    const keys = readKeys(fields);
    const list = listFor(claims, fields.stream, deps);
    const removed = await forEachOnce(keys, (key) => list.remove(key));
    return ok({ data: removed.map((entry) => ({ ...suppressionReference(entry), deleted: true })) });
  };
}

function readKeys(fields: Fields): readonly string[] {
  const hasEmails = fields.emails !== undefined && fields.emails !== null;
  const hasIds = fields.ids !== undefined && fields.ids !== null;
  if (hasEmails && hasIds) throw invalidField('Only one of `emails` and `ids` can be given.');
  if (hasIds) return readTexts(fields, 'ids').map((id) => readUuid(id, 'ids'));
  return readTexts(fields, 'emails').map(readAddress);
}

function readTexts(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  if (value === undefined || value === null) throw missingField(name);
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string');
  if (!isList) throw invalidField(`The \`${name}\` field must be an array of strings.`);
  if (value.length >= 1 && value.length <= MAX_BATCH) return value;
  throw invalidField(`The \`${name}\` field must have 1 to ${MAX_BATCH} entries.`);
}

/** An address given twice would be two writers of one entry. */
async function forEachOnce(
  keys: readonly string[],
  work: (key: string) => Promise<Suppression | undefined>,
): Promise<readonly Suppression[]> {
  const found = new Map<string, Suppression | undefined>();
  await inParallel([...new Set(keys)], WRITES_AT_ONCE, async (key) => {
    found.set(key, await work(key));
  });
  return keys.flatMap((key) => found.get(key) ?? []);
}
