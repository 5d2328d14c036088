import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadAssembly } from '../../local/assembly/load-assembly.ts';
import type { AuthorisedCall } from '../../local/gateway/iam/authoriser.ts';
import { evaluate } from '../../local/gateway/iam/evaluate.ts';
import { statementsOfFunction } from '../../local/gateway/iam/policies.ts';
import { listOf, type Statement } from '../../local/gateway/iam/statement.ts';
import { provideAssembly } from '../support/assembly-cache.ts';
import { eventually } from '../support/eventually.ts';
import { request, send, showEmail, withCloud } from '../support/journey.ts';
import type { TestCloud } from '../support/local-cloud.ts';

/** Lambda writes a function's logs itself; the gateway never sees those calls. */
const isAboutLogs = (statement: Statement) =>
  listOf<string>(statement.Action as string).every((action) => action.startsWith('logs:'));
/** Pollers ask for it only when they are set up. */
const UNSEEN_ACTIONS = new Set(['sqs:GetQueueAttributes']);

/** One journey that needs everything the functions may do. */
async function doEverything(cloud: TestCloud): Promise<void> {
  const state = async (id: string) => (await showEmail(cloud, id)).body.last_event;
  const large = 'x'
    .repeat(300_000)
    .replaceAll('x', () => String.fromCharCode(97 + Math.floor(Math.random() * 26)));

  const plain = await send(cloud, { to: ['a@example.org', 'b@example.org'] });
  const attached = await send(cloud, {
    attachments: [{ filename: 'a.txt', content: Buffer.from('hi').toString('base64') }],
  });
  const big = await send(cloud, { text: large });
  const odd = await request(cloud, 'POST', '//emails', {
    from: 'ada@example.com',
    to: 'o@example.org',
    subject: 'o',
    text: large,
  });
  const oddAttached = await request(cloud, 'POST', '//emails', {
    ...{ from: 'ada@example.com', to: 'o@example.org', subject: 'o', text: 'o' },
    attachments: [{ filename: 'a.txt', content: 'aGk=' }],
  });
  const byPath = await send(cloud, {
    attachments: [{ filename: 'a', path: 'https://no-such-host.example/a' }],
  });
  const bounced = await send(cloud, { to: 'bounce@simulator.amazonses.com' });
  for (const id of [plain, attached, big, String(odd.body.id), String(oddAttached.body.id)])
    await eventually(async () => assert.equal(await state(id), 'delivered'), 30_000);
  await eventually(async () => assert.equal(await state(bounced), 'bounced'));
  await eventually(async () => {
    await cloud.advance(120);
    assert.equal(await state(byPath), 'failed');
  }, 30_000);

  await request(cloud, 'GET', '/emails');
  await request(cloud, 'GET', `/emails/${attached}/attachments`);
  const made = await request(cloud, 'POST', '/api-keys', { name: 'one' });
  await request(cloud, 'PATCH', `/api-keys/${made.body.id}`, { name: 'two' });
  await request(cloud, 'DELETE', `/api-keys/${made.body.id}`);
  await request(cloud, 'POST', '/suppressions', { email: 'x@example.org' });
  await request(cloud, 'GET', '/suppressions');
  await request(cloud, 'DELETE', '/suppressions/x@example.org');
}

describe('least privilege', () => {
  test('every statement of every role is needed by something that people do', {
    timeout: 180_000,
  }, async (t) => {
    let calls: AuthorisedCall[] = [];
    await withCloud({}, async (cloud) => {
      await doEverything(cloud);
      calls = (await (await fetch(`${cloud.url}/_local/authorised-calls`)).json()) as AuthorisedCall[];
    });

    const assembly = loadAssembly(await provideAssembly(), { queueUrlBase: 'http://127.0.0.1' });
    const idle = assembly.byType('AWS::Lambda::Function').flatMap(({ logicalId, functionName = '' }) => {
      const own = calls.filter((call) => call.functionName === functionName);
      return idleActions(statementsOfFunction(assembly, logicalId), own).map(
        (action) => `${functionName}: ${action}`,
      );
    });
    t.diagnostic(`${calls.length} distinct permissions used`);
    assert.deepEqual(idle, []);
  });
});

/** The granted actions without which every recorded call would still be allowed. */
function idleActions(statements: readonly Statement[], calls: readonly AuthorisedCall[]): string[] {
  const granted = statements
    .filter((statement) => !isAboutLogs(statement))
    .flatMap((statement) =>
      listOf<string>(statement.Action as string).map((action) => ({ statement, action })),
    )
    .filter(({ action }) => !UNSEEN_ACTIONS.has(action));

  return granted
    .filter(({ statement, action }) => {
      const without = statements.map((other) => (other === statement ? withoutAction(other, action) : other));
      return calls.every((call) => evaluate(without, call.action, call.resource, call.context) === 'allow');
    })
    .map(({ statement, action }) => `${action} on ${JSON.stringify(statement.Resource)}`);
}

const withoutAction = (statement: Statement, action: string): Statement => ({
  ...statement,
  Action: listOf<string>(statement.Action as string).filter((other) => other !== action),
});
