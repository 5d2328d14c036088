import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { WebhookSecret } from '../../../shared/webhooks/webhook.ts';
import { formatWebhookSecret, MOST_SECRETS, rotateSecret } from '../../../shared/webhooks/webhook-secret.ts';
import { NOON } from '../../support/messages/message-builders.ts';

const DAY_MS = 86_400_000;

describe('a signing secret', () => {
  test('a secret is 32 bytes in base64 with its padding, behind whsec_', () => {
    assert.match(formatWebhookSecret(Buffer.alloc(32, 251)), /^whsec_[A-Za-z0-9+/]{43}=$/);
  });

  test('one that is rotated out signs for another 24 hours', () => {
    assert.deepEqual(rotateSecret([{ secret: 'old' }], 'new', NOON), {
      kind: 'rotated',
      secrets: [{ secret: 'new' }, { secret: 'old', validUntilEpochMs: NOON + DAY_MS }],
    });
  });

  test('a secret keeps its end when it is rotated out once more, and drops out at it', () => {
    const secrets = [
      { secret: 'now' },
      { secret: 'valid', validUntilEpochMs: NOON + 1 },
      { secret: 'over', validUntilEpochMs: NOON },
    ];
    assert.deepEqual(rotateSecret(secrets, 'new', NOON), {
      kind: 'rotated',
      secrets: [
        { secret: 'new' },
        { secret: 'now', validUntilEpochMs: NOON + DAY_MS },
        { secret: 'valid', validUntilEpochMs: NOON + 1 },
      ],
    });
  });

  test('five that are valid stop a rotation, and it is said until when', () => {
    const old = [4, 3, 2, 1].map((hours) => ({
      secret: `old-${hours}`,
      validUntilEpochMs: NOON + hours * 3_600_000,
    }));
    const refused = { kind: 'too-many', untilEpochMs: NOON + 3_600_000 };
    assert.deepEqual(rotateSecret([{ secret: 'now' }, ...old], 'new', NOON), refused);
    assert.equal(rotateSecret([{ secret: 'now' }, ...old], 'new', NOON + 3_600_000).kind, 'rotated');
  });

  test('a new secret is always the first, and every one signs for at least a day after its rotation', () => {
    const steps = fc.array(fc.nat(2 * DAY_MS), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (waits) => {
        let nowEpochMs = NOON;
        let secrets: readonly WebhookSecret[] = [{ secret: 'first' }];
        const ends = new Map<string, number>();
        for (const [index, waitMs] of waits.entries()) {
          nowEpochMs += waitMs;
          const rotation = rotateSecret(secrets, `secret-${index}`, nowEpochMs);
          if (rotation.kind === 'too-many') continue;
          ends.set(secrets[0]?.secret ?? '', nowEpochMs + DAY_MS);
          secrets = rotation.secrets;
          assert.deepEqual(secrets[0], { secret: `secret-${index}` });
          assert.ok(secrets.length <= MOST_SECRETS);
          const valid = [...ends].filter(([, until]) => until > nowEpochMs).map(([secret]) => secret);
          assert.deepEqual(
            secrets
              .slice(1)
              .map(({ secret }) => secret)
              .sort(),
            valid.sort(),
          );
        }
      }),
    );
  });
});
