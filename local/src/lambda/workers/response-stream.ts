import { Writable } from 'node:stream';
import type { StreamHead } from '../invocation.ts';
import type { LambdaHandler } from './handler.ts';

/** Content type by which Lambda knows that a stream begins with status and headers. */
export const WITH_PRELUDE = 'application/vnd.awslambda.http-integration-response';
const DEFAULT_CONTENT_TYPE = 'application/octet-stream';
/** Marks by which the Node runtime knows a handler that streams, and how much of its answer may wait. */
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');

export type StreamingHandler = (event: unknown, stream: Writable, context: unknown) => unknown;
type Marked = StreamingHandler & { [STREAMING]?: unknown; [HIGH_WATER_MARK]?: number };

export const isStreaming = (handler: LambdaHandler | StreamingHandler): handler is StreamingHandler =>
  (handler as Marked)[STREAMING] === 'response';

/** Receiver of a stream's bytes. `send` resolves when there is room for more. */
export interface StreamLink {
  begin(head: StreamHead): void;
  send(bytes: Uint8Array): Promise<void>;
}

type Done = (error?: Error | null) => void;

/** The `responseStream` of a streaming handler, as the runtime interface client has it. */
export class ResponseStream extends Writable {
  readonly #link: StreamLink;
  #contentType = DEFAULT_CONTENT_TYPE;
  #prelude: string | undefined;
  #isWritten = false;
  #hasBegun = false;

  constructor(handler: StreamingHandler, link: StreamLink) {
    const highWaterMark = (handler as Marked)[HIGH_WATER_MARK];
    super(highWaterMark === undefined ? {} : { highWaterMark });
    this.#link = link;
  }

  setContentType(contentType: string): void {
    if (this.#isWritten) throw new Error('Cannot set content-type, too late.');
    this.#contentType = contentType;
  }

  setPrelude(prelude: string): void {
    this.setContentType(WITH_PRELUDE);
    this.#prelude = prelude;
  }

  override write(chunk: unknown, encoding?: BufferEncoding | Done, done?: Done): boolean {
    this.#isWritten = true;
    const isText = typeof chunk === 'string' || chunk instanceof Uint8Array;
    return super.write(isText ? chunk : JSON.stringify(chunk), encoding as BufferEncoding, done);
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#begin();
    if (chunk.length === 0) done();
    else this.#link.send(chunk).then(() => done(), done);
  }

  override _final(done: Done): void {
    this.#begin();
    done();
  }

  /** Sends the prelude. As on Lambda, it goes out with a `write`; `end` alone leaves it behind. */
  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const prelude = this.#isWritten ? this.#prelude : undefined;
    this.#link.begin({ contentType: this.#contentType, ...(prelude !== undefined && { prelude }) });
  }
}

/** The global `awslambda` of the Node managed runtime. */
export function installAwslambda(): void {
  Object.assign(globalThis, {
    awslambda: {
      streamifyResponse: (handler: Marked, options?: { highWaterMark?: number }) => {
        const highWaterMark = options?.highWaterMark;
        const marks = { [STREAMING]: 'response', ...(highWaterMark && { [HIGH_WATER_MARK]: highWaterMark }) };
        return Object.assign(handler, marks);
      },
      HttpResponseStream: {
        from: (stream: ResponseStream, metadata: unknown) => {
          stream.setPrelude(JSON.stringify(metadata));
          return stream;
        },
      },
    },
  });
}
