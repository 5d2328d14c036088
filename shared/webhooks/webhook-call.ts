/** Connecting and the answer's status: after that no attempt waits. */
export const CALL_LIMIT_MS = 15_000;

/** Outcome of calling an endpoint. */
export type CallOutcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** The first KB of the answer, as text. */
      readonly body: string;
      /** Value of the header, as it came. */
      readonly retryAfter?: string;
    }
  /** No answer. `permanent`: calling again would end the same, until something is changed. */
  | {
      readonly kind: 'failed';
      readonly permanent: boolean;
      readonly reason: string;
      /** True if it was waited for as long as it may take. */
      readonly isLate?: true;
    };

export interface WebhookCall {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Body in JSON, as it was signed. */
  readonly body: string;
  /** Time limit, `CALL_LIMIT_MS` at the most. */
  readonly timeLimitMs: number;
}

export interface WebhookCaller {
  /** POSTs once. Ends about when its time does, and never throws for what the other side does. */
  call(call: WebhookCall): Promise<CallOutcome>;
}

/** Tells whether an outcome is a success, which only 2xx is; a redirect is not followed, and no delivery. */
export const isDelivered = (outcome: CallOutcome): boolean =>
  outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300;
