export type SuppressionOrigin = 'bounce' | 'complaint' | 'manual';

/** An address that is not mailed, and why. */
export interface Suppression {
  /** UUIDv7, ours; newest first is by it. */
  readonly suppressionId: string;
  /** Lower-cased whole, label kept. */
  readonly address: string;
  readonly origin: SuppressionOrigin;
  /** The message that caused it. */
  readonly sourceMessageId?: string;
  readonly createdAt: string;
  /** Bounce sub-type, feedback type, or the API key that added it. */
  readonly reason?: string;
}
