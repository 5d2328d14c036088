import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import type { WebhookEventPayload } from 'resend';
import { eventSchema } from '../../../../shared/event-catalog/contract/event-schema.ts';
import { type WebhookPayload, webhookPayload } from '../../../../shared/event-catalog/contract/payloads.ts';
import { PUBLISHED_EVENT_TYPES } from '../../../../shared/event-catalog/contract/published-types.ts';
import { SAMPLE_DATA, samplePayload } from '../../../support/events/event-samples.ts';

const FILE = join(import.meta.dirname, '../../../../docs/events.schema.json');

/** Formats are spelt out as patterns beside their names. */
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, formats: { 'date-time': true, uuid: true } });
const isValid = ajv.compile(JSON.parse(readFileSync(FILE, 'utf8')));

/** Both tellers of the same truth. */
const isRead = (payload: unknown): boolean => webhookPayload.safeParse(payload).success;

type Ours = Exclude<WebhookPayload, { type: 'email.unsubscribed' }>;
/** The SDK's types leave out that a mail has no `Message-ID` before it is sent, and lists that unsubscribing fills. */
type AsSent<Payload> = Payload extends { data: { message_id: string | null } }
  ? Payload & { data: { message_id: string } }
  : Payload extends { data: { origin: string } }
    ? Payload & { data: { origin: Exclude<Payload['data']['origin'], 'unsubscribe'> } }
    : Payload;

/** Checked by the compiler: whoever reads our payloads with the SDK's types finds what they say. */
const asTheSdkReads = (payload: AsSent<Ours>): WebhookEventPayload => payload;

describe('the payloads of events', () => {
  test('are what docs/events.schema.json says; else run `npm run schemas`', () => {
    assert.deepEqual(JSON.parse(readFileSync(FILE, 'utf8')), eventSchema());
  });

  test('have a schema for each type that is published, and no other', () => {
    const { oneOf = [], $defs = {} } = eventSchema();
    const types = oneOf.map(({ $ref = '' }) => $ref.slice('#/$defs/'.length));
    assert.deepEqual(types.toSorted(), [...PUBLISHED_EVENT_TYPES].sort());
    for (const type of types) assert.ok($defs[type]?.description, type);
  });

  for (const type of PUBLISHED_EVENT_TYPES) {
    const payload = samplePayload(type);

    test(`of ${type} are read and validated as they are sent, also with fields that come later`, () => {
      assert.deepEqual(webhookPayload.parse(payload), payload);
      assert.ok(isValid(payload), JSON.stringify(isValid.errors));
      const later = { ...payload, id: 'msg_1', data: { ...payload.data, later: { is: true } } };
      assert.ok(isValid(later), JSON.stringify(isValid.errors));
      assert.ok(isRead(later));
    });

    test(`of ${type} are refused by both without anything that is promised`, () => {
      const optional = ['tags', 'headers', 'recipient'];
      for (const name of Object.keys(payload.data)) {
        const without = { ...payload, data: { ...payload.data, [name]: undefined } };
        const json = JSON.parse(JSON.stringify(without));
        assert.equal(isValid(json), optional.includes(name), name);
        assert.equal(isRead(json), optional.includes(name), name);
      }
    });
  }

  test('are refused by both where tags are a list, a type is unknown or a time is none', () => {
    const sent = samplePayload('email.sent');
    const broken = [
      { ...sent, data: { ...sent.data, tags: [{ name: 'category', value: 'welcome' }] } },
      { ...sent, type: 'email.read' },
      { ...sent, created_at: 'yesterday' },
      { ...sent, data: SAMPLE_DATA['domain.created'] },
      { ...samplePayload('email.opened'), data: SAMPLE_DATA['email.clicked'] },
    ];
    for (const payload of broken) {
      assert.equal(isValid(payload), false, JSON.stringify(payload));
      assert.equal(isRead(payload), false, JSON.stringify(payload));
    }
  });

  test('are judged alike by both, whatever stands in one of their fields', () => {
    const fields = PUBLISHED_EVENT_TYPES.flatMap((type) =>
      Object.keys(SAMPLE_DATA[type]).map((name) => ({ type, name })),
    );
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), ({ type, name }, value) => {
        const payload = samplePayload(type);
        const changed = { ...payload, data: { ...payload.data, [name]: value } };
        assert.equal(isValid(changed), isRead(changed), JSON.stringify(changed));
      }),
      { numRuns: 1_000 },
    );
  });

  test('are those of the SDK', () => {
    const payload = samplePayload('email.bounced') as AsSent<Ours>;
    const read = asTheSdkReads(payload);
    assert.equal(read.type === 'email.bounced' && read.data.bounce.subType, 'General');
  });
});
