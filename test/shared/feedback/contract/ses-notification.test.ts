import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  decodeEventBody,
  readSesNotification,
} from '../../../../shared/feedback/contract/ses-notification.ts';
import { parseEventJob } from '../../../../shared/feedback/contract/waiting-event.ts';
import type { DeliveryReport } from '../../../../shared/feedback/delivery-report.ts';
import {
  changed,
  onBus,
  onTopic,
  readSesFixture,
  SES_FIXTURES,
} from '../../../support/feedback/ses-fixtures.ts';
import { MESSAGE_ID } from '../../../support/messages/delivery-builders.ts';

function reportOf(name: string, changes: Readonly<Record<string, unknown>> = {}): DeliveryReport {
  const reading = readSesNotification(changed(readSesFixture(name), changes));
  assert.equal(reading.kind, 'report');
  return (reading as { report: DeliveryReport }).report;
}

function factsOf(name: string) {
  const report = reportOf(name);
  assert.equal(report.kind, 'facts');
  return (report as DeliveryReport & { kind: 'facts' }).facts;
}

describe('SES notification', () => {
  for (const name of SES_FIXTURES) {
    test(`reads ${name} the same through EventBridge, SNS and raw SNS`, () => {
      const raw = readSesNotification(readSesFixture(name));
      assert.deepEqual(readSesNotification(onBus(readSesFixture(name))), raw);
      assert.deepEqual(readSesNotification(onTopic(readSesFixture(name))), raw);
    });
  }

  test('tells which message and attempt it is about', () => {
    const { mail } = reportOf('send');
    assert.equal(mail.messageId, MESSAGE_ID);
    assert.equal(mail.tenant, 'default');
    assert.equal(mail.attempt, 1);
    assert.deepEqual(mail.recipients, ['ann@example.net']);
  });

  const facts: readonly [fixture: string, kind: string, recipient: string | undefined, occurredAt: string][] =
    [
      ['delivery', 'delivered', 'ann@example.net', '2026-11-23T10:00:05.000Z'],
      ['delivery-delay', 'delayed', 'ann@example.net', '2026-11-23T10:10:00.000Z'],
      ['reject', 'rejected', undefined, '2026-11-23T10:00:01.000Z'],
      ['rendering-failure', 'rendering_failed', undefined, '2026-11-23T10:00:01.000Z'],
      ['open', 'opened', 'ann@example.net', '2026-11-23T10:20:00.652Z'],
      ['click', 'clicked', 'ann@example.net', '2026-11-23T10:21:57.000Z'],
      ['subscription', 'subscribed', 'ann@example.net', '2026-11-23T10:30:00.000Z'],
    ];
  for (const [fixture, kind, recipient, occurredAt] of facts) {
    test(`makes the fact ${kind} of ${fixture}`, () => {
      const [fact, ...others] = factsOf(fixture);
      assert.deepEqual(others, []);
      assert.equal(fact?.kind, kind);
      assert.equal(fact?.recipient, recipient);
      assert.equal(fact?.occurredAt, occurredAt);
    });
  }

  test('keeps the details that people ask for later', () => {
    assert.equal(factsOf('delivery')[0]?.detail?.smtpResponse, '250 2.6.0 Message received');
    assert.equal(factsOf('delivery-delay')[0]?.detail?.delayType, 'MailboxFull');
    assert.equal(factsOf('click')[0]?.detail?.link, 'https://shop.example.com/orders/1?a=b');
    assert.equal(factsOf('open')[0]?.detail?.isMachine, true);
    assert.equal(factsOf('click')[0]?.detail?.isMachine, undefined);
    assert.match(factsOf('rendering-failure')[0]?.detail?.reason ?? '', /attributeName/);
  });

  test('an open of a mail with several recipients names none of them', () => {
    const report = reportOf('open', { 'mail.destination': ['ann@example.net', 'bob@example.net'] });
    assert.equal(report.kind === 'facts' && report.facts[0]?.recipient, undefined);
  });

  const refusals: readonly [fixture: string, refusedBy: string][] = [
    ['bounce-permanent', 'recipient'],
    ['bounce-transient', 'recipient'],
    ['bounce-undetermined', 'recipient'],
    ['bounce-global-list', 'global-list'],
    ['bounce-account-list', 'account'],
    ['bounce-tenant-list', 'account'],
    ['bounce-unsubscribed', 'account'],
    ['bounce-validation', 'account'],
  ];
  for (const [fixture, refusedBy] of refusals) {
    test(`says that ${fixture} was refused by ${refusedBy}`, () => {
      const report = reportOf(fixture);
      assert.equal(report.kind === 'bounce' && report.refusedBy, refusedBy);
    });
  }

  const meanings: readonly [fixture: string, meaning: string][] = [
    ['complaint', 'complaint'],
    ['complaint-account-list', 'echo'],
    ['complaint-not-spam', 'withdrawal'],
    ['complaint-auth-failure', 'authentication'],
  ];
  for (const [fixture, meaning] of meanings) {
    test(`says that ${fixture} means ${meaning}`, () => {
      const report = reportOf(fixture);
      assert.equal(report.kind === 'complaint' && report.meaning, meaning);
    });
  }

  const untagged: readonly [title: string, changes: Readonly<Record<string, unknown>>][] = [
    ['there are no tags', { 'mail.tags': {} }],
    ['the id is no UUIDv7', { 'mail.tags.postlane-message-id': ['6f9619ff-8b86-4d01-b42d-00cf4fc964ff'] }],
    ['the tenant is missing', { 'mail.tags.postlane-tenant': [] }],
  ];
  for (const [title, changes] of untagged) {
    test(`an event is untagged where ${title}`, () => {
      assert.equal(readSesNotification(changed(readSesFixture('delivery'), changes)).kind, 'untagged');
    });
  }

  test('a notification of the legacy kind, which has no tags, is untagged', () => {
    assert.deepEqual(readSesNotification(readSesFixture('legacy-bounce')), {
      kind: 'untagged',
      eventType: 'Bounce',
    });
  });

  const unknown: readonly unknown[] = [
    { eventType: 'Quantum', mail: {} },
    decodeEventBody('Successfully validated SNS topic for Amazon SES event publishing.'),
    { eventType: 'constructor' },
  ];
  for (const value of unknown) {
    test(`an unknown type is read of ${JSON.stringify(value).slice(0, 40)}`, () => {
      assert.equal(readSesNotification(value).kind, 'unknown-type');
    });
  }

  const noEvent: readonly unknown[] = [
    ...[null, [], 17, {}, decodeEventBody('no event at all'), { eventType: '' }, onBus({ some: 'notice' })],
    { Type: 'Notification', Message: '{"eventType":"Boun' },
  ];
  for (const value of noEvent)
    test(`throws where a notification is no event: ${JSON.stringify(value).slice(0, 40)}`, () => {
      assert.throws(() => readSesNotification(value));
    });

  test('throws where a waiting event is of another version', () => {
    assert.throws(() => parseEventJob({ version: 2, waits: 0, notification: readSesFixture('delivery') }));
  });

  test('throws where an event of a known type has lost its shape', () => {
    const broken = changed(readSesFixture('bounce-permanent'), {
      'bounce.bouncedRecipients': 'ann@example.net',
    });
    assert.throws(() => readSesNotification(broken));
    assert.throws(() =>
      readSesNotification(changed(readSesFixture('delivery'), { 'delivery.timestamp': 'soon' })),
    );
  });

  test('reads a waiting event as the notification in it', () => {
    const notification = onBus(readSesFixture('delivery'));
    const { event, reading } = parseEventJob({ version: 1, waits: 3, notification });
    assert.equal(event.waits, 3);
    assert.deepEqual(reading, readSesNotification(notification));
    assert.equal(parseEventJob(notification).event.waits, 0);
  });
});
