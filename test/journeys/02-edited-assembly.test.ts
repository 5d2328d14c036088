import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../support/base/eventually.ts';
import {
  addResource,
  dropResources,
  dropStatement,
  replaceFunctionCode,
} from '../support/infra/edit-assembly.ts';
import { aMail, request, send, showEmail, withCloud } from '../support/journeys/journey.ts';

/** The local cloud hosts the template as it is: what the template does not grant or wire does not happen. */
describe('an edited assembly is obeyed', () => {
  test('nothing leaves and nothing is lost when the assembly lacks ses:SendEmail', async () => {
    await withCloud({ edit: (assembly) => dropStatement(assembly, 'ses:SendEmail') }, async (cloud) => {
      const id = await send(cloud, { to: 'kept@example.org' });
      await eventually(async () => {
        const { body } = await showEmail(cloud, id);
        assert.match(JSON.stringify(body), /AccessDenied/);
      });
      assert.equal((await showEmail(cloud, id)).body.last_event, 'queued');
      assert.deepEqual(await cloud.inbox(), []);
    });
  });

  test('no recipient is mailed unchecked when the assembly lacks the grant to read suppressions', async () => {
    const edit = (assembly: string) => dropStatement(assembly, 'dynamodb:BatchGetItem', 'send-message');
    await withCloud({ edit }, async (cloud) => {
      const id = await send(cloud, { to: 'unchecked@example.org' });
      await pause(2_500);
      assert.equal((await showEmail(cloud, id)).body.last_event, 'queued');
      assert.deepEqual(await cloud.inbox(), []);
    });
  });

  test('a send is refused and not kept when the assembly lacks the grant to store attachments', async () => {
    const edit = (assembly: string) => dropStatement(assembly, 's3:PutObject', 'accept-message');
    await withCloud({ edit }, async (cloud) => {
      const attachments = [{ filename: 'a.txt', content: 'aGk=' }];
      const answer = await request(cloud, 'POST', '/emails', aMail({ attachments }));
      assert.ok(answer.status >= 500, String(answer.status));
      assert.deepEqual((await request(cloud, 'GET', '/emails')).body.data, []);
      await send(cloud, { to: 'plain@example.org' });
    });
  });

  test('a mail stays sent when the assembly lacks the event rule and the SNS subscription', async () => {
    const edit = dropResources('AWS::Events::Rule:aws.ses', 'AWS::SNS::Subscription');
    await withCloud({ edit }, async (cloud) => {
      const id = await send(cloud, { to: 'quiet@example.org' });
      await eventually(async () => assert.equal((await cloud.inbox('quiet@example.org')).length, 1));
      await eventually(async () => assert.equal((await showEmail(cloud, id)).body.last_event, 'sent'));
      await pause(2_500);
      assert.equal((await showEmail(cloud, id)).body.last_event, 'sent');
    });
  });

  test('code put into an asset is the code that answers', async () => {
    const code =
      'exports.handler = async () => ({ statusCode: 418, body: JSON.stringify({ teapot: true }) });';
    await withCloud(
      { edit: (assembly) => replaceFunctionCode(assembly, 'control-api', code) },
      async (cloud) => {
        const answer = await fetch(`${cloud.url}/anything`);
        assert.equal(answer.status, 418);
        assert.deepEqual(await answer.json(), { teapot: true });
      },
    );
  });

  test('a resource type that is not hosted stops the start and is named', async () => {
    const edit = addResource('Surprise', { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 1 } });
    await assert.rejects(
      withCloud({ edit }, async () => {}),
      /AWS::Kinesis::Stream.*Surprise|Surprise.*AWS::Kinesis::Stream/s,
    );
  });
});
