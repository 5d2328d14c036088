import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ContendedError } from '../../../../shared/base/change.ts';
import { createPaceTable } from '../../../../shared/pace/adapters/pace-table.ts';
import { decideLease } from '../../../../shared/pace/pace.ts';
import { EMPTY_PACE, type PaceState } from '../../../../shared/pace/pace-state.ts';
import type { PaceStore } from '../../../../shared/pace/ports.ts';
import { type DisturbedClient, disturb } from '../../../support/aws/disturbed-client.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';

const NOW = Date.UTC(2026, 10, 23);
const LIMITS = {
  account: { maxSendRate: 50, max24HourSend: -1 },
  shares: { transactional: 70, broadcast: 30 },
};

const rateIn = ({ leases }: PaceState): number =>
  leases.reduce((sum, { recipientsPerSecond }) => sum + recipientsPerSecond, 0);

describe('the pace in the catalog', () => {
  let client: DynamoDBClient;
  let disturbed: DisturbedClient;
  let stop: () => Promise<void>;

  before(async () => {
    const dynalite = await startDynalite();
    client = dynalite.client;
    stop = dynalite.stop;
    disturbed = disturb(client);
  });
  after(() => stop());

  const read = (store: PaceStore) => store.read();

  test('the pace is empty before the first lease', async () => {
    assert.deepEqual(await read(createPaceTable(client, 'catalog')), EMPTY_PACE);
  });

  test('keeps what was decided, and writes nothing where nothing is to be kept', async () => {
    const store = createPaceTable(client, 'catalog');
    const gmail = { recipientsPerSecond: 2.5, loweredAtEpochMs: NOW, changedAtEpochMs: NOW };
    const want = {
      leaseId: 'b',
      stream: 'broadcast',
      wantedPerSecond: 5,
      leastPerSecond: 1,
      untilEpochMs: NOW,
    };
    const state = { ...EMPTY_PACE, wants: [want], providers: { gmail } };
    await store.change(() => ({ answer: undefined, state }));
    disturbed.heal();
    assert.deepEqual(await read(store), state);
    assert.deepEqual(
      disturbed.calls.map(({ name, input }) => [name, input.ConsistentRead]),
      [['GetItemCommand', true]],
    );
  });

  test('gives each of twelve workers that ask at once its lease, and together at most the ceiling', async () => {
    const first = createPaceTable(client, 'catalog');
    await first.change(() => ({ answer: undefined, state: EMPTY_PACE }));
    const workers = Array.from({ length: 12 }, (_, index) => `worker-${index}`);
    const asked = workers.map((leaseId) =>
      createPaceTable(client, 'catalog').change((state) => {
        const request = {
          leaseId,
          stream: 'transactional',
          wantedPerSecond: 10,
          largestMail: 1,
          lastsMs: 5_000,
          onlyIfFaster: false,
        };
        const decision = decideLease(state, request, LIMITS, NOW);
        return { answer: decision.kind, ...(decision.state ? { state: decision.state } : {}) };
      }),
    );
    const kinds = await Promise.allSettled(asked);
    const state = await read(first);
    const granted = kinds.filter((kind) => kind.status === 'fulfilled' && kind.value === 'granted');
    assert.equal(state.leases.length, granted.length);
    assert.ok(granted.length >= 4, `${granted.length}`);
    assert.ok(rateIn(state) <= 47.45);
    for (const kind of kinds)
      if (kind.status === 'rejected') assert.ok(kind.reason instanceof ContendedError);
  });

  test('lets trouble of the table through', async () => {
    const store = createPaceTable(client, 'catalog');
    disturbed.failFrom(0);
    await assert.rejects(read(store), /process is gone/);
    disturbed.heal();
  });
});
