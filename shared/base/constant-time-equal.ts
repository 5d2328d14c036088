import { timingSafeEqual } from 'node:crypto';

/**
 * Compares texts in a time that tells nothing of how much is right. The texts are compared and not the bytes
 * they stand for: base64url has several spellings of the same bytes.
 */
export function constantTimeEqual(given: string, expected: string): boolean {
  const givenBytes = Buffer.from(given);
  const expectedBytes = Buffer.from(expected);
  return givenBytes.length === expectedBytes.length && timingSafeEqual(givenBytes, expectedBytes);
}
