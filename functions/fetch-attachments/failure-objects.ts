import type { FailureRecord } from '../../shared/base/ports.ts';
import type { Objects } from '../../shared/messages/ports.ts';
import { CONTENT_PREFIXES } from '../../shared/resources.ts';

/** Failure records of a function that may write to one prefix of the bucket and to no table. */
export function createFailureObjects(
  objects: Pick<Objects, 'put'>,
): (failure: FailureRecord) => Promise<void> {
  return async (failure) => {
    const key = `${CONTENT_PREFIXES.fetched}failures/${failure.recordId}.json`;
    await objects.put(key, Buffer.from(JSON.stringify(failure)), 'application/json');
  };
}
