import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startDynalite } from '../../support/aws/dynalite.ts';
import { type ControlWorld, startControlWorld } from '../../support/control-api/control-world.ts';

let world: ControlWorld;
let stopDynalite: () => Promise<void>;
let token: string;

before(async () => {
  const dynalite = await startDynalite();
  stopDynalite = dynalite.stop;
  world = await startControlWorld(dynalite.client);
  token = await world.key();
});
after(async () => {
  await world.stop();
  await stopDynalite();
});

describe('every answer', () => {
  test('every answer is JSON of the contract, also for no route, another method and no key', async () => {
    const requests = [
      ['GET', '/', token, 404, 'not_found'],
      ['GET', '/nothing/here', token, 404, 'not_found'],
      ['GET', '/%00/%ff/..', token, 404, 'not_found'],
      ['DELETE', '/emails', token, 405, 'method_not_allowed'],
      ['PUT', '/api-keys', token, 405, 'method_not_allowed'],
      ['OPTIONS', '/emails', token, 405, 'method_not_allowed'],
      ['GET', '/suppressions/batch/add', token, 405, 'method_not_allowed'],
      ['GET', '/emails', undefined, 401, 'missing_api_key'],
      ['GET', '/nothing/here', undefined, 401, 'missing_api_key'],
      ['GET', '/emails', 're_wrong', 403, 'invalid_api_key'],
    ] as const;
    for (const [method, path, key, status, name] of requests) {
      const answer = await world.request(method, path, key);
      assert.equal(answer.status, status, `${method} ${path}`);
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
      assert.deepEqual(Object.keys(answer.body), ['statusCode', 'name', 'message']);
      assert.equal(answer.body.statusCode, status);
      assert.equal(answer.body.name, name);
    }
  });

  test('an answer to a known path with another method says which methods it takes', async () => {
    const answer = await world.request('PUT', '/suppressions/a@example.org', token);
    assert.equal(answer.headers.get('allow'), 'GET, DELETE');
    assert.match(answer.body.message, /PUT .* GET, DELETE/);
  });

  test('an answer to HEAD is JSON that HTTP leaves out', async () => {
    const answer = await world.request('HEAD', '/emails', token);
    assert.equal(answer.status, 405);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
  });

  test('an answer for a route of the contract that is not built yet says so', async () => {
    const routes = [
      ['GET', '/domains/claim'],
      ['POST', '/domains/abc/claim/verify'],
      ['GET', '/segments'],
      ['PATCH', '/contacts/a@example.org'],
      ['POST', '/broadcasts'],
      ['GET', '/templates/welcome'],
      ['GET', '/emails/receiving'],
      ['GET', '/emails/receiving/abc/attachments'],
      ['POST', '/emails/01900000-0000-7000-8000-000000000000/share'],
      ['GET', '/logs/abc'],
    ] as const;
    for (const [method, path] of routes) {
      const answer = await world.request(method, path, token);
      assert.equal(answer.status, 404, path);
      assert.equal(answer.body.name, 'not_found');
      assert.match(answer.body.message, /not built yet/, path);
    }
  });

  test('an answer for something that breaks is a 500 that keeps its reason to itself', async () => {
    const messageId = '01900000-0000-7000-8000-00000000dead';
    world.put({ tenant: 'default', messageId } as never);
    const answer = await world.request('GET', `/emails/${messageId}`, token);
    world.timelines.delete(messageId);
    assert.equal(answer.status, 500);
    assert.equal(answer.body.name, 'internal_server_error');
    assert.doesNotMatch(JSON.stringify(answer.body), /undefined|TypeError/);
  });
});

describe('a sending key', () => {
  test('a sending key sends and does nothing else', async () => {
    const sender = await world.key({ permission: 'sending_access' });
    for (const [method, path] of [
      ['GET', '/emails'],
      ['DELETE', '/api-keys/abc'],
      ['POST', '/suppressions'],
      ['GET', '/domains/claim'],
      ['GET', '/nothing/here'],
      ['PUT', '/emails'],
    ] as const) {
      const answer = await world.request(method, path, sender);
      assert.equal(answer.status, 401, path);
      assert.equal(answer.body.name, 'restricted_api_key');
    }
    assert.equal((await world.request('POST', '/emails/', sender, {})).status, 200);
  });
});

describe('a send whose path is spelt oddly', () => {
  test('a send with an oddly spelt path is given to the sending use case as it came', async () => {
    for (const [path, route] of [
      ['//emails', 'single'],
      ['/emails/', 'single'],
      ['/%65mails', 'single'],
      ['//emails//batch/', 'batch'],
    ] as const) {
      world.sends.length = 0;
      const answer = await world.request('POST', path, token, '{"any":"thing"}');
      assert.deepEqual(answer.body, { id: 'accepted' });
      const [send] = world.sends;
      assert.equal(send?.route, route, path);
      assert.equal(send?.body, '{"any":"thing"}');
      assert.equal(send?.headers.authorization, `Bearer ${token}`);
    }
  });
});

test('odd spellings reach every other route as well', async () => {
  assert.equal((await world.request('GET', '//api-keys//', token)).status, 200);
  assert.equal((await world.request('GET', '/%73uppressions', token)).status, 200);
});
