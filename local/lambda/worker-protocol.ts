import type { LoggingSpec } from './function-spec.ts';

/** What a worker is born with. */
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

/** Host to worker. `event` is JSON, as the runtime API hands it over. */
export interface InvokeRequest {
  readonly requestId: string;
  readonly event: string;
}

/** Worker to host. Durations are those of the handler alone, in milliseconds. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly initMs: number }
  | { readonly kind: 'init-failed'; readonly errorType: string; readonly message: string }
  | { readonly kind: 'done'; readonly durationMs: number; readonly payload: string }
  | {
      readonly kind: 'failed';
      readonly durationMs: number;
      readonly errorType: string;
      readonly message: string;
    };
