import type { LoggingSpec } from '../function-spec.ts';
import type { StreamHead } from '../invocation.ts';

/** Data that a worker is born with. */
export interface WorkerSeed {
  readonly offsetCell: SharedArrayBuffer;
  readonly taskRoot: string;
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly logging: LoggingSpec;
}

/** Request to invoke the handler; `event` is JSON, as the runtime API hands it over. */
export interface InvokeRequest {
  readonly requestId: string;
  readonly event: string;
}

/** Host to worker. `continue` says that the chunk of this request was taken, and that there is room for one more. */
export type HostMessage =
  | ({ readonly kind: 'invoke' } & InvokeRequest)
  | { readonly kind: 'continue'; readonly requestId: string };

/** Worker to host, while a handler streams: one head, then chunks, each awaiting its `continue`. */
export type StreamMessage =
  | { readonly kind: 'head'; readonly head: StreamHead }
  | { readonly kind: 'chunk'; readonly requestId: string; readonly bytes: Uint8Array };

/** Worker to host, one for each invocation. Durations are those of the handler alone, in milliseconds. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly initMs: number }
  | { readonly kind: 'init-failed'; readonly errorType: string; readonly message: string }
  | { readonly kind: 'done'; readonly durationMs: number; readonly payload: string }
  | { readonly kind: 'streamed'; readonly durationMs: number }
  | {
      readonly kind: 'failed';
      readonly durationMs: number;
      readonly errorType: string;
      readonly message: string;
    };
