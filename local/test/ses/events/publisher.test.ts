import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aDestination,
  anAssembly,
  aResource,
  aSendInput,
  CONFIGURATION_SET_ARN,
  part,
  startSesWorld,
  TOPIC_ARN,
  theResources,
  toDefaultBus,
  until,
} from '../../../../test/support/aws/ses-world.ts';
import { createDisturbance } from '../../../src/ses/events/disturbance.ts';

const toTopic = { SnsDestination: { TopicARN: TOPIC_ARN } };
const bouncing = aSendInput({ Destination: { ToAddresses: ['bounce@simulator.amazonses.com'] } });
const withDestinations = (...destinations: ReturnType<typeof aDestination>[]) => ({
  assembly: anAssembly(theResources(destinations)),
});
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

describe('event publishing', () => {
  test('puts SES’s envelope and mail object on the default bus', async (t) => {
    const world = await startSesWorld();
    t.after(world.close);
    const messageId = await world.send(
      aSendInput({
        Destination: { ToAddresses: ['Ada <ada@example.net>'], BccAddresses: ['bob@example.net'] },
      }),
    );
    const mail = part((await world.waitFor('Delivery'))[0], 'mail');
    const { id, time, detail, ...envelope } = world.published[0] as (typeof world.published)[number];

    assert.deepEqual(envelope, {
      version: '0',
      'detail-type': 'Email Sent',
      source: 'aws.ses',
      account: '000000000000',
      region: 'us-east-1',
      resources: [CONFIGURATION_SET_ARN],
    });
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual((detail as { send: unknown }).send, {});
    assert.deepEqual(Object.keys(mail), [
      'timestamp',
      'source',
      'sourceArn',
      'sendingAccountId',
      'messageId',
      'destination',
      'headersTruncated',
      'headers',
      'commonHeaders',
      'tags',
    ]);
    assert.equal(mail.messageId, messageId);
    assert.equal(mail.sourceArn, 'arn:aws:ses:us-east-1:000000000000:identity/example.com');
    assert.deepEqual(mail.destination, ['ada@example.net', 'bob@example.net']);
    assert.deepEqual(mail.tags, {
      'ses:source-tls-version': ['TLSv1.3'],
      'ses:operation': ['SendEmail'],
      'ses:configuration-set': ['transactional'],
      'ses:source-ip': ['127.0.0.1'],
      'ses:from-domain': ['example.com'],
      'ses:caller-identity': ['send-message'],
      'postlane-message-id': ['msg-1'],
    });
    assert.equal(JSON.stringify(mail.headers).includes('bob@example.net'), false);
  });

  test('describes a delivery', async (t) => {
    const world = await startSesWorld();
    t.after(world.close);
    await world.send();
    const [detail] = await world.waitFor('Delivery');
    const { timestamp, processingTimeMillis, smtpResponse, ...rest } = part(detail, 'delivery');
    assert.match(String(timestamp), /Z$/);
    assert.ok(Number(processingTimeMillis) >= 0);
    assert.match(String(smtpResponse), /^250 /);
    assert.deepEqual(rest, {
      recipients: ['ada@example.net'],
      remoteMtaIp: '127.0.0.1',
      reportingMTA: 'a8-50.smtp-out.amazonses.com',
    });
  });

  test('publishes a bounce to SNS as the service, for the configuration set', async (t) => {
    const world = await startSesWorld(
      withDestinations(aDestination(toTopic, { MatchingEventTypes: ['BOUNCE'] })),
    );
    t.after(world.close);
    await world.send(bouncing);
    await until(() => world.calls.length === 1);
    const [call] = world.calls;
    const form = new URLSearchParams(call?.body.toString());

    assert.deepEqual(call?.caller, {
      kind: 'service',
      principal: 'ses.amazonaws.com',
      sourceArn: CONFIGURATION_SET_ARN,
    });
    assert.deepEqual([call?.service, call?.operation], ['sns', 'Publish']);
    assert.equal(form.get('TopicArn'), TOPIC_ARN);
    assert.equal(form.get('Subject'), 'Amazon SES Email Event Notification');
    assert.equal(JSON.parse(form.get('Message') ?? '').eventType, 'Bounce');
    assert.equal(world.published.length, 0);
  });

  test('says so when the topic refuses, and tries no more', async (t) => {
    const warnings: string[] = [];
    const world = await startSesWorld({
      ...withDestinations(aDestination(toTopic)),
      snsStatus: 403,
      warn: (warning) => void warnings.push(warning),
    });
    t.after(world.close);
    await world.send(bouncing);
    await until(() => warnings.length === 2);
    assert.equal(world.calls.length, 2);
    assert.match(warnings[0] ?? '', /SNS answered 403/);
  });

  test('tries SNS again when SNS is to blame', async (t) => {
    const warnings: string[] = [];
    const world = await startSesWorld({
      ...withDestinations(aDestination(toTopic, { MatchingEventTypes: ['send'] })),
      snsStatus: 500,
      warn: (warning) => void warnings.push(warning),
    });
    t.after(world.close);
    await world.send();
    for (const attempt of [1, 2, 3, 4]) {
      await until(() => world.calls.length === attempt);
      await settle();
      world.clock.advance(1);
    }
    await until(() => warnings.length === 1);
  });

  test('publishes nothing without a destination, through a disabled one, or of an unmatched type', async (t) => {
    const disabled = aDestination(toDefaultBus, { Enabled: false });
    const unmatched = aDestination(toDefaultBus, { MatchingEventTypes: ['open'] });
    const unset = aResource('AWS::SES::ConfigurationSetEventDestination', {
      ConfigurationSetName: 'paused',
      EventDestination: { Enabled: true, MatchingEventTypes: ['send'], ...toDefaultBus },
    });
    for (const destinations of [[], [disabled], [unmatched], [unset]]) {
      const world = await startSesWorld(withDestinations(...destinations));
      t.after(world.close);
      await world.send();
      await until(() => world.sink.mails().length === 1);
      await settle();
      assert.equal(world.published.length, 0);
    }
  });

  test('publishes nothing for a mail without a configuration set', async (t) => {
    const world = await startSesWorld();
    t.after(world.close);
    await world.send(aSendInput({ ConfigurationSetName: undefined }));
    await until(() => world.sink.mails().length === 1);
    await settle();
    assert.equal(world.published.length, 0);
    assert.equal(world.sink.mails()[0]?.configurationSet, '');
  });
});

describe('disturbance', () => {
  test('a disturbance loses every event', async (t) => {
    const world = await startSesWorld({ disturbance: createDisturbance({ lose: 1 }, () => 0.5) });
    t.after(world.close);
    await world.send();
    await until(() => world.sink.mails().length === 1);
    await settle();
    assert.equal(world.published.length, 0);
  });

  test('a disturbance repeats every event', async (t) => {
    const world = await startSesWorld({ disturbance: createDisturbance({ repeat: 1 }, () => 0.5) });
    t.after(world.close);
    await world.send(bouncing);
    await world.waitFor('Bounce', 2);
    assert.equal(world.details('Send').length, 2);
  });

  test('a disturbance delays events by the local clock, so that they change places', async (t) => {
    const waits = [60_000, 1000];
    const world = await startSesWorld({ disturbance: () => [waits.shift() ?? 0] });
    t.after(world.close);
    await world.send(bouncing);
    await settle();
    assert.equal(world.published.length, 0);
    world.clock.advance(2);
    await world.waitFor('Bounce');
    assert.equal(world.details('Send').length, 0);
    world.clock.advance(60);
    await world.waitFor('Send');
  });
});
