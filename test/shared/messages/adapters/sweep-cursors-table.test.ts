import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createSweepCursors } from '../../../../shared/messages/adapters/sweep-cursors-table.ts';
import type { SweepCursors } from '../../../../shared/messages/ports.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';

describe('sweep cursors', () => {
  let cursors: SweepCursors;
  let stop: () => Promise<void>;

  before(async () => {
    const { client, stop: stopDynalite } = await startDynalite();
    cursors = createSweepCursors(client, 'catalog');
    stop = stopDynalite;
  });
  after(() => stop());

  test('a cursor is unknown before the first run', async () => {
    assert.equal(await cursors.get('default', 'new'), undefined);
  });

  test('sweep cursors move on and never back', async () => {
    await cursors.advance('default', 'stuck', 1000);
    await cursors.advance('default', 'stuck', 3000);
    await cursors.advance('default', 'stuck', 2000);
    assert.equal(await cursors.get('default', 'stuck'), 3000);
  });

  test('each tenant and check has its own', async () => {
    await cursors.advance('one', 'stuck', 1);
    await cursors.advance('two', 'stuck', 2);
    await cursors.advance('one', 'lost', 3);
    const found = [
      await cursors.get('one', 'stuck'),
      await cursors.get('two', 'stuck'),
      await cursors.get('one', 'lost'),
    ];
    assert.deepEqual(found, [1, 2, 3]);
  });
});
