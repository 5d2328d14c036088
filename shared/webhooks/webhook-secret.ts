import { MS_PER_DAY } from '../base/durations.ts';
import type { WebhookSecret } from './webhook.ts';

/** A receiver that does not know the new secret by then accepts no event any more. */
const OVERLAP_MS = MS_PER_DAY;

/** Secrets at most. Each of them is another signature in the headers of every event. */
export const MOST_SECRETS = 5;

/**
 * @param random 24 to 32 bytes
 * @returns as Standard Webhooks writes a symmetric secret
 */
export const formatWebhookSecret = (random: Uint8Array): string =>
  `whsec_${Buffer.from(random).toString('base64')}`;

type Rotation =
  | { readonly kind: 'rotated'; readonly secrets: readonly WebhookSecret[] }
  /** The number of valid secrets is already the most there may be. */
  | { readonly kind: 'too-many'; readonly untilEpochMs: number };

/**
 * Rotates secrets. The new one comes first; the one before signs for another day, those before it as long as
 * they were to.
 */
export function rotateSecret(
  secrets: readonly WebhookSecret[],
  secret: string,
  nowEpochMs: number,
): Rotation {
  const valid = secrets.filter(({ validUntilEpochMs }) => (validUntilEpochMs ?? Infinity) > nowEpochMs);
  if (valid.length < MOST_SECRETS) {
    return { kind: 'rotated', secrets: [{ secret }, ...valid.map((each) => rotatedOut(each, nowEpochMs))] };
  }
  const ends = valid.flatMap(({ validUntilEpochMs }) => validUntilEpochMs ?? []);
  return { kind: 'too-many', untilEpochMs: Math.min(...ends) };
}

const rotatedOut = ({ secret, validUntilEpochMs }: WebhookSecret, nowEpochMs: number): WebhookSecret => ({
  secret,
  validUntilEpochMs: validUntilEpochMs ?? nowEpochMs + OVERLAP_MS,
});
