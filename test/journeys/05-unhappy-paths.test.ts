import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { eventually } from '../support/base/eventually.ts';
import { aMail, request, send, showEmail } from '../support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';
import { put, queueLike } from '../support/journeys/queues.ts';

const lastEvent = async (cloud: Parameters<typeof showEmail>[0], id: string) =>
  (await showEmail(cloud, id)).body.last_event;

describe('unhappy paths', () => {
  let cloud: TestCloud;
  before(async () => {
    cloud = await startTestCloud();
  });
  afterEach(() => cloud.faults([]));
  after(() => cloud.close());

  test('a lost reply of SES is settled by evidence and the mail arrives once', async () => {
    await cloud.faults([{ service: 'ses', operation: 'SendEmail', fault: 'reply-lost', count: 1 }]);
    const id = await send(cloud, { to: 'once@example.org' });
    await eventually(async () => assert.equal(await lastEvent(cloud, id), 'delivered'));
    await cloud.advance(20 * 60);
    await eventually(async () => assert.equal(await lastEvent(cloud, id), 'delivered'));
    assert.equal((await cloud.inbox('once@example.org')).length, 1);
  });

  test('a throttled SES delays a mail and loses none', async () => {
    await cloud.faults([{ service: 'ses', operation: 'SendEmail', fault: 'throttle', count: 3 }]);
    const id = await send(cloud, { to: 'later@example.org' });
    await eventually(async () => {
      await cloud.advance(30);
      assert.equal(await lastEvent(cloud, id), 'delivered');
    });
    assert.equal((await cloud.inbox('later@example.org')).length, 1);
  });

  test('a message that could not be queued is a 200 that is sent within two minutes', async () => {
    await cloud.faults([{ service: 'sqs', operation: 'SendMessage', fault: 'error', count: 3 }]);
    const id = await send(cloud, { to: 'swept@example.org' });
    await cloud.advance(120);
    await eventually(async () => assert.equal(await lastEvent(cloud, id), 'delivered'));
    assert.equal((await cloud.inbox('swept@example.org')).length, 1);
  });

  test('a store that is down is a 503 with Retry-After, and nothing is sent for it', async () => {
    await send(cloud, { to: 'warm@example.org' });
    await cloud.faults([{ service: 'dynamodb', operation: 'PutItem', fault: 'error' }]);
    const answer = await request(cloud, 'POST', '/emails', aMail({ to: 'refused@example.org' }));
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    await cloud.faults([]);
    await cloud.advance(300);
    await eventually(async () => assert.equal((await cloud.inbox('warm@example.org')).length, 1));
    assert.deepEqual(await cloud.inbox('refused@example.org'), []);
  });

  test('a worker that dies while it sends neither loses nor repeats the mail', async () => {
    await cloud.faults([{ service: 'ses', operation: 'SendEmail', fault: 'crash', when: 'after', count: 1 }]);
    const id = await send(cloud, { to: 'survivor@example.org' });
    // SES's own events settle it; an advanced clock would let the wait for them end before they are worked on.
    await eventually(async () => assert.equal(await lastEvent(cloud, id), 'delivered'));
    await cloud.faults([]);
    await cloud.advance(3600);
    assert.equal((await cloud.inbox('survivor@example.org')).length, 1);
  });

  test('a poison record ends in the dead-letter queue and hurts no neighbour', async () => {
    const arrivedBefore = (await cloud.inbox()).length;
    await put(cloud, /transactionalstreamSendQueue/, 'no job at all');
    const id = await send(cloud, { to: 'neighbour@example.org' });
    await eventually(async () => assert.equal(await lastEvent(cloud, id), 'delivered'));
    await eventually(async () => {
      await cloud.advance(15 * 60);
      assert.equal((await queueLike(cloud, /transactionalstreamSendDeadLetters/)).ready, 1);
    });
    assert.equal((await queueLike(cloud, /transactionalstreamSendQueue/)).inFlight, 0);
    assert.equal((await cloud.inbox()).length, arrivedBefore + 1);
  });

  test('a deleted API key is refused within a minute', async () => {
    const made = await request(cloud, 'POST', '/api-keys', { name: 'short-lived' });
    assert.equal(made.status, 201);
    const headers = { authorization: `Bearer ${made.body.token}` };
    assert.equal((await request(cloud, 'GET', '/emails', undefined, headers)).status, 200);
    assert.equal((await request(cloud, 'DELETE', `/api-keys/${made.body.id}`)).status, 200);
    await cloud.advance(60);
    const refused = await request(cloud, 'GET', '/emails', undefined, headers);
    assert.equal(refused.status, 403);
    assert.equal(refused.body.name, 'invalid_api_key');
  });

  test('an attachment whose host cannot be reached ends the message as failed, with the reason', async () => {
    const id = await send(cloud, {
      to: 'never@example.org',
      attachments: [{ filename: 'a.pdf', path: 'https://no-such-host.example/a.pdf' }],
    });
    await eventually(async () => {
      await cloud.advance(600);
      assert.equal(await lastEvent(cloud, id), 'failed');
    });
    assert.match(JSON.stringify((await showEmail(cloud, id)).body), /a\.pdf: its host does not exist/);
    assert.deepEqual(await cloud.inbox('never@example.org'), []);
  });

  test("every answer is JSON in the contract's shape, to any question", async () => {
    const table = [
      ['GET', '/nowhere', 404, 'not_found'],
      ['GET', '/segments', 404, 'not_found'],
      ['POST', '/emails/not-a-uuid', 405, 'method_not_allowed'],
      ['DELETE', '/emails', 405, 'method_not_allowed'],
      ['GET', '/emails/not-a-uuid', 422, 'invalid_parameter'],
    ] as const;
    for (const [method, path, status, name] of table) {
      const answer = await request(cloud, method, path);
      assert.deepEqual(
        [path, answer.status, answer.body.name, answer.body.statusCode],
        [path, status, name, status],
      );
    }
    const bad = await request(cloud, 'POST', '/emails', '{"from":');
    assert.equal(bad.status, 400);
    assert.equal(bad.body.name, 'validation_error');
    const anonymous = await request(cloud, 'GET', '/emails', undefined, { authorization: '' });
    assert.deepEqual([anonymous.status, anonymous.body.name], [401, 'missing_api_key']);
    const double = await request(cloud, 'POST', '//emails', aMail());
    assert.equal(double.status, 200);
  });
});
