/** Connecting, the answer and the part of it that is kept: after that nobody waits any more. */
export const CALL_LIMIT_MS = 15_000;

/** What came of calling an endpoint. */
export type CallOutcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** The first KB of the answer, as text. */
      readonly body: string;
      /** The header, as it came. */
      readonly retryAfter?: string;
    }
  /** No answer. `permanent`: calling again would end the same, as long as nobody changes anything. */
  | { readonly kind: 'failed'; readonly permanent: boolean; readonly reason: string };

export interface WebhookCall {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, as it was signed. */
  readonly body: string;
}

export interface WebhookCaller {
  /** POSTs once. Ends within `CALL_LIMIT_MS`, and never throws for what the other side does. */
  call(call: WebhookCall): Promise<CallOutcome>;
}

/** Only 2xx is a success; a redirect is not followed, and no delivery. */
export const isDelivered = (outcome: CallOutcome): boolean =>
  outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300;
