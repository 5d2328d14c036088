/** Result of one invocation, as the Lambda service would give it. */
export type InvocationResult =
  | { readonly kind: 'ok'; readonly payload: unknown; readonly durationMs: number }
  | {
      readonly kind: 'error';
      readonly errorType: string;
      readonly message: string;
      readonly durationMs: number;
    }
  | { readonly kind: 'timeout'; readonly durationMs: number }
  | { readonly kind: 'crashed'; readonly durationMs: number };

/** The part of a streamed answer that comes before its first byte. */
export interface StreamHead {
  readonly contentType: string;
  /** JSON with `statusCode`, `headers` and `cookies`, where the function gave them. */
  readonly prelude?: string;
}

/** Takes a streamed answer while its function still runs. */
export interface ResponseSink {
  /** Begins the answer; called once, before any chunk. */
  begin(head: StreamHead): void;
  /** Resolves when the reader has room for more or is gone; until then nothing more comes. */
  write(chunk: Uint8Array): Promise<void>;
}

export interface LambdaHost {
  /**
   * Invokes a function. One that streams writes into `sink`, and its result has no payload; without a sink,
   * what it streams is the payload.
   */
  invoke(functionLogicalId: string, event: unknown, sink?: ResponseSink): Promise<InvocationResult>;
  killWorker(workerId: string): void;
  close(): Promise<void>;
}
