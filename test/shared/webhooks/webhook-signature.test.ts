import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import fc from 'fast-check';
import { Resend } from 'resend';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import type { WebhookSecret } from '../../../shared/webhooks/webhook.ts';
import { rotateSecret } from '../../../shared/webhooks/webhook-secret.ts';
import { signedHeaders } from '../../../shared/webhooks/webhook-signature.ts';
import { NOON } from '../../support/messages/message-builders.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ID = 'msg_019ab2c4d5e60123456789abcdef0123';
const BODY = JSON.stringify({
  type: 'email.delivered',
  created_at: '2026-11-23T12:00:00.000Z',
  data: { a: 'ü' },
});

const secretOf = (byte: number, length = 32): string =>
  `whsec_${Buffer.alloc(length, byte).toString('base64')}`;

type Verify = (secret: string, headers: Record<string, string>, body: string) => unknown;

const VERIFIERS: Readonly<Record<string, Verify>> = {
  standardwebhooks: (secret, headers, body) => new StandardWebhook(secret).verify(body, headers),
  'svix by svix-*': (secret, headers, body) => new SvixWebhook(secret).verify(body, only(headers, 'svix-')),
  'svix by webhook-*': (secret, headers, body) =>
    new SvixWebhook(secret).verify(body, only(headers, 'webhook-')),
  'resend.webhooks.verify': (webhookSecret, headers, payload) =>
    new Resend('re_test').webhooks.verify({
      payload,
      webhookSecret,
      headers: {
        id: headers['svix-id'] ?? '',
        timestamp: headers['svix-timestamp'] ?? '',
        signature: headers['svix-signature'] ?? '',
      },
    }),
};

const only = (headers: Record<string, string>, prefix: string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(prefix)));

/** Signed at a moment, and verified at another by the verifier's own clock. */
const sign = (secrets: readonly WebhookSecret[], nowEpochMs = NOON, body = BODY) =>
  signedHeaders({ id: ID, body, secrets, nowEpochMs });

describe('the headers of an attempt', () => {
  beforeEach(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
  afterEach(() => mock.timers.reset());

  test('signed headers say the same twice, by the names of the contract and of Standard Webhooks', () => {
    const headers = sign([{ secret: secretOf(1) }]);
    assert.deepEqual(Object.keys(headers).sort(), [
      'svix-id',
      'svix-signature',
      'svix-timestamp',
      'webhook-id',
      'webhook-signature',
      'webhook-timestamp',
    ]);
    assert.equal(headers['svix-id'], ID);
    assert.equal(headers['svix-timestamp'], String(NOON / 1000));
    assert.match(headers['svix-signature'] ?? '', /^v1,[A-Za-z0-9+/]{43}=$/);
    for (const name of ['id', 'timestamp', 'signature'])
      assert.equal(headers[`webhook-${name}`], headers[`svix-${name}`]);
  });

  test('the example of Standard Webhooks comes out the same', () => {
    // The specification's own vector, "Signature scheme".
    const secrets = [{ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }];
    const headers = signedHeaders({
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      body: '{"test": 2432232314}',
      secrets,
      nowEpochMs: 1_614_265_330_000,
    });
    assert.equal(headers['webhook-signature'], 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  for (const [name, verify] of Object.entries(VERIFIERS)) {
    describe(`read by ${name}`, () => {
      test('signed headers verify, with secrets of 24 to 32 bytes and any body', () => {
        const body = fc.json().map((text) => JSON.stringify({ data: text }));
        fc.assert(
          fc.property(fc.integer({ min: 24, max: 32 }), fc.nat(255), body, (length, byte, text) => {
            const secret = secretOf(byte, length);
            assert.doesNotThrow(() => verify(secret, sign([{ secret }], NOON, text), text));
          }),
          { numRuns: 50 },
        );
      });

      test('another body does not verify, id, time or secret', () => {
        const secret = secretOf(1);
        const headers = sign([{ secret }]);
        const changed = (part: string, value: string) => ({
          ...headers,
          [`svix-${part}`]: value,
          [`webhook-${part}`]: value,
        });
        const forged: readonly (readonly [string, Record<string, string>, string])[] = [
          [secret, headers, BODY.replace('delivered', 'bounced')],
          [secret, headers, `${BODY} `],
          [secret, changed('id', `${ID}0`), BODY],
          [secret, changed('timestamp', String(NOON / 1000 + 1)), BODY],
          [secret, changed('signature', 'v1,AAAA'), BODY],
          [secretOf(2), headers, BODY],
        ];
        for (const [key, given, body] of forged) assert.throws(() => verify(key, given, body));
      });

      test('a clock that is more than five minutes away refuses them, and no other', () => {
        const secret = secretOf(1);
        for (const skewMs of [-5 * MINUTE_MS, 0, 5 * MINUTE_MS])
          assert.doesNotThrow(() => verify(secret, sign([{ secret }], NOON + skewMs), BODY));
        for (const skewMs of [-5 * MINUTE_MS - 1000, 5 * MINUTE_MS + 1000])
          assert.throws(() => verify(secret, sign([{ secret }], NOON + skewMs), BODY));
      });

      test('signed headers verify with old and new secret for a day after a rotation, then with the new alone', () => {
        const [old, next] = [secretOf(1), secretOf(2)];
        const rotation = rotateSecret([{ secret: old }], next, NOON);
        assert.ok(rotation.kind === 'rotated');
        for (const afterMs of [0, DAY_MS - 1000]) {
          mock.timers.setTime(NOON + afterMs);
          const headers = sign(rotation.secrets, NOON + afterMs);
          for (const secret of [old, next]) assert.doesNotThrow(() => verify(secret, headers, BODY));
        }
        mock.timers.setTime(NOON + DAY_MS);
        const headers = sign(rotation.secrets, NOON + DAY_MS);
        assert.doesNotThrow(() => verify(next, headers, BODY));
        assert.throws(() => verify(old, headers, BODY));
      });

      test('a repeat an hour later has its own time, and the id of the first', () => {
        const secret = secretOf(1);
        const first = sign([{ secret }]);
        mock.timers.setTime(NOON + 60 * MINUTE_MS);
        assert.throws(() => verify(secret, first, BODY), 'what was recorded is of no use any more');
        const repeat = sign([{ secret }], NOON + 60 * MINUTE_MS);
        assert.doesNotThrow(() => verify(secret, repeat, BODY));
        assert.equal(repeat['svix-id'], first['svix-id']);
      });
    });
  }

  test('signed headers put the newest secret first', () => {
    const [old, next] = [{ secret: secretOf(1), validUntilEpochMs: NOON + 1 }, { secret: secretOf(2) }];
    const both = sign([next, old])['svix-signature']?.split(' ') ?? [];
    assert.deepEqual(both, [sign([next])['svix-signature'], sign([old])['svix-signature']]);
  });
});
