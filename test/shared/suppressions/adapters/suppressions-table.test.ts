import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { createSuppressionsTable } from '../../../../shared/suppressions/adapters/suppressions-table.ts';
import type { SuppressionLists, Suppressions } from '../../../../shared/suppressions/ports.ts';
import type { Suppression } from '../../../../shared/suppressions/suppression.ts';
import { type DisturbedClient, disturb } from '../../../support/aws/disturbed-client.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { anId, NOON } from '../../../support/messages/message-builders.ts';

let client: DynamoDBClient;
let stop: () => Promise<void>;
const ACCOUNT = ['account'];

let lists: SuppressionLists;
let suppressions: Suppressions;
let network: DisturbedClient;

before(async () => {
  ({ client, stop } = await startDynalite());
  network = disturb(client);
  lists = createSuppressionsTable({ client, tableName: 'suppressions' });
  suppressions = lists.forScope('account');
});
after(() => stop());

afterEach(async () => {
  network.heal();
  const { suppressions: all } = await suppressions.list({ limit: 1000 });
  for (const { address } of all) await suppressions.remove(address);
  const { Count } = await client.send(new ScanCommand({ TableName: 'suppressions' }));
  assert.equal(Count, 0, 'removing every entry leaves nothing behind');
});

let made = 0;

function anEntry(overrides: Partial<Suppression> = {}): Suppression {
  made += 1;
  return {
    suppressionId: anId(NOON + made),
    address: `reader-${made}@example.org`,
    origin: 'bounce',
    sourceMessageId: anId(),
    createdAt: new Date(NOON + made).toISOString(),
    reason: 'General',
    ...overrides,
  };
}

const listed = async (page: Partial<Parameters<Suppressions['list']>[0]> = {}) =>
  (await suppressions.list({ limit: 20, ...page })).suppressions.map(({ address }) => address);

describe('an entry', () => {
  test('an entry is found by address and by id, and only as it was added', async () => {
    const entry = anEntry();
    assert.deepEqual(await suppressions.add(entry), entry);
    assert.deepEqual(await suppressions.get(entry.address), entry);
    assert.deepEqual(await suppressions.get(entry.suppressionId), entry);
    assert.equal(await suppressions.get('nobody@example.org'), undefined);
    assert.equal(await suppressions.get(anId(NOON, 99)), undefined);
  });

  test('an entry keeps its first reason when it is added again', async () => {
    const first = await suppressions.add(anEntry({ origin: 'manual' }));
    for (const origin of ['bounce', 'manual'] as const) {
      const {
        also: _also,
        revision: _revision,
        ...held
      } = await suppressions.add(anEntry({ address: first.address, origin }));
      assert.deepEqual(held, first);
    }
    assert.deepEqual(await listed(), [first.address]);
  });

  test('an entry takes the reason of a complaint, and keeps that one', async () => {
    const first = await suppressions.add(anEntry());
    const complaint = anEntry({ address: first.address, origin: 'complaint', reason: 'abuse' });
    const held = await suppressions.add(complaint);
    const { suppressionId, createdAt, origin } = first;
    const causes = {
      ...(first.sourceMessageId && { sourceMessageId: first.sourceMessageId }),
      ...(first.reason && { reason: first.reason }),
    };
    assert.deepEqual(held, {
      ...complaint,
      suppressionId,
      createdAt,
      also: [{ origin, ...causes }],
      revision: 1,
    });
    assert.equal((await suppressions.add(anEntry({ address: first.address }))).origin, 'complaint');
    const [only] = (await suppressions.list({ limit: 20, origin: 'complaint' })).suppressions;
    assert.equal(only?.suppressionId, suppressionId);
  });

  test('gives up the complaint of one message and nothing else', async () => {
    const bounce = await suppressions.add(anEntry({ sourceMessageId: 'm1' }));
    const { address } = bounce;
    const complaints = ['m2', 'm3'].map((sourceMessageId) =>
      anEntry({ address, origin: 'complaint', sourceMessageId }),
    );
    for (const complaint of complaints) await suppressions.add(complaint);
    await suppressions.withdrawComplaint(address, 'm2');
    assert.equal((await suppressions.get(address))?.sourceMessageId, 'm3');
    await Promise.all([
      suppressions.withdrawComplaint(address, 'm3'),
      suppressions.withdrawComplaint(address, 'm3'),
    ]);
    assert.deepEqual(await suppressions.get(address), { ...bounce, revision: 4 });
    assert.deepEqual(await listed(), [address]);
    assert.equal((await suppressions.list({ limit: 20 })).suppressions[0]?.origin, 'bounce');
  });

  test('an entry goes with its only complaint', async () => {
    const { address } = await suppressions.add(anEntry({ origin: 'complaint', sourceMessageId: 'm1' }));
    await suppressions.withdrawComplaint(address, 'm1');
    assert.equal(await suppressions.get(address), undefined);
    assert.deepEqual(await listed(), []);
  });

  test('an address has one entry, however many callers add it at once', async () => {
    const address = 'contested@example.org';
    const origins = ['bounce', 'complaint', 'manual', 'bounce', 'complaint', 'manual'] as const;
    await Promise.all(origins.map((origin) => suppressions.add(anEntry({ address, origin }))));
    const { suppressions: all } = await suppressions.list({ limit: 20 });
    assert.equal(all.length, 1);
    assert.equal(all[0]?.origin, 'complaint');
  });

  test('an entry is removed by address or by id, once', async () => {
    for (const keyOf of [
      (entry: Suppression) => entry.address,
      (entry: Suppression) => entry.suppressionId,
    ]) {
      const entry = await suppressions.add(anEntry());
      assert.deepEqual(await suppressions.remove(keyOf(entry)), entry);
      assert.equal(await suppressions.remove(keyOf(entry)), undefined);
      assert.equal(await suppressions.get(entry.address), undefined);
    }
  });

  test('an entry is not removed by the id of an earlier one', async () => {
    const old = await suppressions.add(anEntry());
    await suppressions.remove(old.address);
    const entry = await suppressions.add(anEntry({ address: old.address }));
    assert.equal(await suppressions.remove(old.suppressionId), undefined);
    assert.deepEqual(await suppressions.get(entry.address), entry);
  });
});

describe('a crash between the two writes', () => {
  test('a crash while adding suppresses the address already, and adding again lists it', async () => {
    const entry = anEntry();
    network.failFrom(1);
    await assert.rejects(suppressions.add(entry));
    network.heal();
    assert.deepEqual([...(await lists.findSuppressed(ACCOUNT, [entry.address]))], [entry.address]);
    assert.deepEqual(await listed(), []);

    assert.deepEqual(await suppressions.add(anEntry({ address: entry.address })), entry);
    assert.deepEqual(await listed(), [entry.address]);
  });

  test('a crash while removing frees the address already, and the list shows nothing that is free', async () => {
    const entry = await suppressions.add(anEntry());
    network.failFrom(1);
    await assert.rejects(suppressions.remove(entry.address));
    network.heal();
    assert.equal((await lists.findSuppressed(ACCOUNT, [entry.address])).size, 0);
    assert.equal(await suppressions.get(entry.suppressionId), undefined);
    assert.deepEqual(await listed(), []);
  });

  test('a crash while removing by id is finished by removing again', async () => {
    const entry = await suppressions.add(anEntry());
    network.failFrom(2);
    await assert.rejects(suppressions.remove(entry.suppressionId));
    network.heal();
    assert.deepEqual(await suppressions.remove(entry.suppressionId), entry);
    assert.equal(await suppressions.remove(entry.suppressionId), undefined);
  });
});

describe('the check before sending', () => {
  test('answers the suppressed ones of one, of fifty and of a hundred and twenty addresses', async () => {
    const entries = await Promise.all([anEntry(), anEntry()].map((entry) => suppressions.add(entry)));
    const addresses = entries.map(({ address }) => address);
    for (const size of [1, 50, 120]) {
      const others = Array.from({ length: size - 1 }, (_, index) => `other-${index}@example.org`);
      assert.deepEqual(
        [...(await lists.findSuppressed(ACCOUNT, [addresses[0] ?? '', ...others]))],
        [addresses[0]],
      );
    }
    assert.equal((await lists.findSuppressed(ACCOUNT, [])).size, 0);
    assert.deepEqual(
      [...(await lists.findSuppressed(ACCOUNT, [...addresses, ...addresses]))].sort(),
      addresses.toSorted(),
    );
  });

  test('the check before sending is one consistent read of the key alone', async () => {
    network.heal();
    await lists.findSuppressed(ACCOUNT, ['one@example.org']);
    const [call] = network.calls;
    assert.equal(call?.name, 'GetItemCommand');
    assert.equal(call?.input.ConsistentRead, true);
    assert.equal(call?.input.ProjectionExpression, '#subject');
    assert.equal(network.calls.length, 1);
  });

  test('asks again for what DynamoDB left unread', async () => {
    const entry = await suppressions.add(anEntry());
    network.leaveUnread(2);
    const found = await lists.findSuppressed(ACCOUNT, ['free@example.org', entry.address]);
    assert.deepEqual([...found], [entry.address]);
  });

  test('fails rather than to call an address free that was never looked at', async () => {
    network.leaveUnread(Number.POSITIVE_INFINITY);
    await assert.rejects(lists.findSuppressed(ACCOUNT, ['a@example.org', 'b@example.org']), {
      name: 'SuppressionsUnreadError',
    });
  });
});

describe('the list', () => {
  test('the list is newest first, in pages that go both ways', async () => {
    const entries = Array.from({ length: 5 }, () => anEntry());
    for (const entry of entries) await suppressions.add(entry);
    const newestFirst = entries.toReversed();
    const first = await suppressions.list({ limit: 2 });
    assert.deepEqual(first, { suppressions: newestFirst.slice(0, 2), hasMore: true });
    const after = newestFirst[1]?.suppressionId ?? '';
    assert.deepEqual(await suppressions.list({ limit: 3, after }), {
      suppressions: newestFirst.slice(2),
      hasMore: false,
    });
    const before = newestFirst[4]?.suppressionId ?? '';
    assert.deepEqual(await suppressions.list({ limit: 2, before }), {
      suppressions: newestFirst.slice(2, 4),
      hasMore: true,
    });
    assert.deepEqual(await suppressions.list({ limit: 4, before }), {
      suppressions: newestFirst.slice(0, 4),
      hasMore: false,
    });
  });

  test('fills a page of one origin from far down the list', async () => {
    const rare = [anEntry({ origin: 'manual' }), anEntry({ origin: 'manual' })];
    for (const entry of [...rare, ...Array.from({ length: 8 }, () => anEntry())])
      await suppressions.add(entry);
    assert.deepEqual(await suppressions.list({ limit: 2, origin: 'manual' }), {
      suppressions: rare.toReversed(),
      hasMore: false,
    });
    assert.equal((await suppressions.list({ limit: 1, origin: 'manual' })).hasMore, true);
  });
});

describe('lists', () => {
  const SCOPES = ['account', 'tenant:acme', 'stream:news', 'tenant:acme/stream:news'];

  test('lists know nothing of each other, also with addresses that look like a list', async () => {
    const inner = anEntry({ address: 'stream:news#ada@example.org' });
    for (const [index, scope] of SCOPES.entries()) {
      const list = lists.forScope(scope);
      const own = anEntry({ address: `only-${index}@example.org` });
      await list.add(own);
      await list.add({ ...inner, suppressionId: anId(NOON, 100 + index) });
      for (const other of SCOPES.filter((each) => each !== scope)) {
        assert.equal(await lists.forScope(other).get(own.address), undefined);
        assert.equal(await lists.forScope(other).get(own.suppressionId), undefined);
        assert.equal(await lists.forScope(other).remove(own.suppressionId), undefined);
        assert.equal((await lists.findSuppressed([other], [own.address])).size, 0);
      }
      assert.deepEqual(await list.get(own.suppressionId), own);
      assert.equal((await list.list({ limit: 10 })).suppressions.length, 2);
    }
    for (const scope of SCOPES)
      for (const { address } of (await lists.forScope(scope).list({ limit: 10 })).suppressions)
        await lists.forScope(scope).remove(address);
  });

  test('several lists are asked together, and one of them is enough', async () => {
    const own = anEntry();
    await lists.forScope('stream:news').add(own);
    const asked = [own.address, 'free@example.org'];
    assert.deepEqual([...(await lists.findSuppressed(['account', 'stream:news'], asked))], [own.address]);
    assert.deepEqual([...(await lists.findSuppressed(['account', 'stream:offers'], asked))], []);
    await lists.forScope('stream:news').remove(own.address);
  });
});
