import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { DeleteItemCommand, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { createBootstrapKey } from '../../../functions/create-bootstrap-key/create-bootstrap-key.ts';
import { createApiKeysTable } from '../../../shared/access/adapters/api-keys-table.ts';
import {
  createBootstrapKeys,
  createBootstrapTokens,
} from '../../../shared/access/adapters/bootstrap-keys-table.ts';
import {
  createSigningKeyMaker,
  createSigningKeys,
} from '../../../shared/access/adapters/signing-keys-table.ts';
import { createAuthenticate } from '../../../shared/access/services/authenticate.ts';
import { replyToCloudFormation } from '../../../shared/base/adapters/custom-resource-reply.ts';
import type { CustomResourceResponse } from '../../../shared/base/contract/custom-resource.ts';
import { createIds } from '../../../shared/runtime/ids.ts';
import { type DisturbedClient, disturb } from '../../support/aws/disturbed-client.ts';
import { startDynalite } from '../../support/aws/dynalite.ts';
import { NOON } from '../../support/messages/message-builders.ts';

let client: DynamoDBClient;
let stop: () => Promise<void>;
let network: DisturbedClient;

before(async () => {
  ({ client, stop } = await startDynalite());
  network = disturb(client);
});
after(() => stop());

beforeEach(async () => {
  network.heal();
  for (const { collection, item } of await catalog()) {
    await client.send(new DeleteItemCommand({ TableName: 'catalog', Key: marshall({ collection, item }) }));
  }
});

const clock = { nowEpochMs: () => NOON };

function aFunction() {
  const options = { client, tableName: 'catalog' };
  const replies: CustomResourceResponse[] = [];
  const lines: string[] = [];
  const run = createBootstrapKey({
    signingKeys: createSigningKeyMaker(options),
    bootstrapKeys: createBootstrapKeys(options),
    apiKeys: createApiKeysTable({ ...options, clock }),
    ids: createIds(clock),
    newSecret: () => randomBytes(32).toString('base64'),
    reply: async (_url, response) => void replies.push(response),
    log: {
      info: (event, fields) => void lines.push(JSON.stringify([event, fields])),
      error: (event, fields) => void lines.push(JSON.stringify([event, fields, String(fields?.error)])),
    },
  });
  return { run, replies, lines };
}

const aRequest = (RequestType: 'Create' | 'Update' | 'Delete', overrides: object = {}) => ({
  RequestType,
  ResponseURL: 'https://cloudformation.example/reply?signature=x',
  StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/postlane/1',
  RequestId: 'request-1',
  LogicalResourceId: 'BootstrapKey',
  ResourceType: 'Custom::BootstrapKey',
  ResourceProperties: { ServiceToken: 'arn' },
  ...overrides,
});

async function catalog() {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: 'catalog', ConsistentRead: true }));
  return Items.map((item) => unmarshall(item)).sort((one, other) =>
    one.collection < other.collection ? -1 : 1,
  );
}

const storedToken = async () =>
  String((await catalog()).find(({ item }) => item === 'bootstrap-token')?.token);
const apiKeys = () => createApiKeysTable({ client, tableName: 'catalog', clock }).list('default');

describe('the first deployment', () => {
  test('makes a full-access key named bootstrap whose token works', async () => {
    const { run, replies } = aFunction();
    await run(aRequest('Create'));
    assert.deepEqual(replies, [
      {
        Status: 'SUCCESS',
        PhysicalResourceId: 'bootstrap-key',
        StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/postlane/1',
        RequestId: 'request-1',
        LogicalResourceId: 'BootstrapKey',
      },
    ]);
    const authenticate = createAuthenticate({
      apiKeys: createApiKeysTable({ client, tableName: 'catalog', clock }),
      signingKeys: createSigningKeys({ client, tableName: 'catalog' }),
      streams: { tenants: undefined },
    });
    const claims = await authenticate({ authorization: `Bearer ${await storedToken()}` });
    assert.equal(claims.permission, 'full_access');
    const [record] = await apiKeys();
    assert.equal(record?.name, 'bootstrap');
    assert.equal(record?.createdAt, new Date(NOON).toISOString());
  });

  test('the first deployment tells no secret', async () => {
    const { run, replies, lines } = aFunction();
    await run(aRequest('Create'));
    const secret = String((await catalog()).find(({ collection }) => collection === 'signing-key')?.secret);
    assert.equal(Buffer.from(secret, 'base64').length, 32);
    const told = JSON.stringify([replies, lines]);
    for (const hidden of [secret, await storedToken()]) assert.ok(!told.includes(hidden));
  });
});

describe('run again', () => {
  test('a repeated run changes nothing', async () => {
    await aFunction().run(aRequest('Create'));
    const before = await catalog();
    for (const type of ['Create', 'Update', 'Delete'] as const) {
      const { run, replies } = aFunction();
      await run(aRequest(type));
      assert.equal(replies[0]?.Status, 'SUCCESS');
    }
    assert.deepEqual(await catalog(), before);
  });

  test('a repeated run does not bring back a key that was deleted', async () => {
    await aFunction().run(aRequest('Create'));
    const id = (await apiKeys())[0]?.apiKeyId ?? '';
    await createBootstrapTokens({ client, tableName: 'catalog' }).forget(id);
    await createApiKeysTable({ client, tableName: 'catalog', clock }).delete('default', id);
    await aFunction().run(aRequest('Update'));
    assert.deepEqual(await apiKeys(), []);
    assert.equal(await storedToken(), 'undefined');
  });

  test('a repeated run finishes at any step what a run that died began, with one key in the end', async () => {
    network.heal();
    await aFunction().run(aRequest('Create'));
    const calls = network.calls.length;
    assert.equal(calls, 5);
    for (let call = 0; call < calls; call++) {
      for (const { collection, item } of await catalog()) {
        await client.send(
          new DeleteItemCommand({ TableName: 'catalog', Key: marshall({ collection, item }) }),
        );
      }
      network.failFrom(call);
      const dying = aFunction();
      await dying.run(aRequest('Create'));
      network.heal();
      assert.equal(dying.replies[0]?.Status, 'FAILED', `call ${call}`);
      await aFunction().run(aRequest('Create'));
      assert.equal((await apiKeys()).length, 1, `call ${call}`);
      assert.ok((await storedToken()).startsWith('re_'));
    }
  });

  test('several runs at once make one key', async () => {
    await Promise.all([1, 2, 3].map(() => aFunction().run(aRequest('Create'))));
    assert.equal((await apiKeys()).length, 1);
  });
});

describe('a failure', () => {
  test('a failure is told by its kind alone', async () => {
    network.failFrom(0);
    const { run, replies } = aFunction();
    await run(aRequest('Create'));
    assert.equal(replies[0]?.Status, 'FAILED');
    assert.equal(replies[0]?.PhysicalResourceId, 'bootstrap-key');
    assert.match(replies[0]?.Reason ?? '', /could not be made \(Error\)/);
    assert.doesNotMatch(replies[0]?.Reason ?? '', /process is gone/);
  });

  test('a failure does not keep a stack from being deleted', async () => {
    network.failFrom(0);
    const { run, replies } = aFunction();
    await run(aRequest('Delete'));
    assert.equal(replies[0]?.Status, 'SUCCESS');
  });
});

describe('the reply', () => {
  const response = { Status: 'SUCCESS', PhysicalResourceId: 'bootstrap-key' } as CustomResourceResponse;

  async function withServer(statuses: number[], run: (url: string) => Promise<void>) {
    const requests: { method: string | undefined; type: string | undefined; body: string }[] = [];
    const server = createServer(async (request, answer) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      requests.push({ method: request.method, type: request.headers['content-type'], body });
      answer.writeHead(statuses.shift() ?? 200).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}/reply`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
    return requests;
  }

  test('the reply is one PUT of JSON without a content type, which the signature would have to cover', async () => {
    const requests = await withServer([], (url) => replyToCloudFormation(url, response));
    assert.deepEqual(requests, [{ method: 'PUT', type: undefined, body: JSON.stringify(response) }]);
  });

  test('the reply is given again where it was not taken', async () => {
    const requests = await withServer([503], (url) => replyToCloudFormation(url, response));
    assert.equal(requests.length, 2);
  });

  test('a reply that is never taken fails the invocation', async () => {
    await withServer([500, 500, 500, 500], (url) =>
      assert.rejects(replyToCloudFormation(url, response), { name: 'CustomResourceUnansweredError' }),
    );
  });
});
