import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTaskRunner } from '../../../functions/sweep/tasks.ts';

function aRound() {
  const done: string[] = [];
  const run = createTaskRunner(['a', 'b', 'c'].map((name) => async () => void done.push(name)));
  return { done, run };
}

describe('tasks of the sweep', () => {
  test('every task runs once in every run that has time', async () => {
    const { done, run } = aRound();
    await run(() => true);
    await run(() => true);
    assert.deepEqual(done, ['a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('a run goes on where the time of the last one was over', async () => {
    const { done, run } = aRound();
    for (let runs = 0; runs < 3; runs++) {
      let left = 2;
      await run(() => left-- > 0);
    }
    assert.deepEqual(done, ['a', 'b', 'c', 'a', 'b', 'c']);
  });
});
