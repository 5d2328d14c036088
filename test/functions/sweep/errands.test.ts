import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createErrands } from '../../../functions/sweep/errands.ts';

function aRound() {
  const done: string[] = [];
  const run = createErrands(['a', 'b', 'c'].map((name) => async () => void done.push(name)));
  return { done, run };
}

describe('errands of the sweep', () => {
  test('are all run, each once, in every run that has time', async () => {
    const { done, run } = aRound();
    await run(() => true);
    await run(() => true);
    assert.deepEqual(done, ['a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('go on where the time of the last run was over', async () => {
    const { done, run } = aRound();
    for (let runs = 0; runs < 3; runs++) {
      let left = 2;
      await run(() => left-- > 0);
    }
    assert.deepEqual(done, ['a', 'b', 'c', 'a', 'b', 'c']);
  });
});
