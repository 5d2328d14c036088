/** An HTTP endpoint that gets events. */
export interface Webhook {
  /** Id of the webhook, UUIDv7. */
  readonly webhookId: string;
  readonly tenant: string;
  readonly endpoint: string;
  /** Types of events of the contract, also such as this pipeline does not have yet. */
  readonly events: readonly string[];
  readonly status: 'enabled' | 'disabled';
  /**
   * Reason why it is disabled, where no request did it: machine words such as `gone` or `failing_for_5_days`.
   */
  readonly disabledReason?: string;
  /** Secrets, newest first; all that are still valid sign. */
  readonly secrets: readonly WebhookSecret[];
  /** Time of creation, ISO 8601. */
  readonly createdAt: string;
}

export interface WebhookSecret {
  /** `whsec_` and base64 of 24 to 32 random bytes. */
  readonly secret: string;
  /** Time until which it is valid, once it was rotated out. */
  readonly validUntilEpochMs?: number;
}

/** Says whether an event of a type goes to it. */
export const subscribesTo = ({ status, events }: Webhook, type: string): boolean =>
  status === 'enabled' && events.includes(type);
