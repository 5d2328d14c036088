import { PassThrough, type Readable } from 'node:stream';
import type { HttpResponse, HttpResponseHead } from '../host/http-body.ts';
import type { ResponseSink, StreamHead } from '../lambda/invocation.ts';
import { WITH_PRELUDE } from '../lambda/workers/response-stream.ts';
import { toHead } from './function-response.ts';

/** An answer that is still being written. Its stream is destroyed where the function did not come to its end. */
export interface StreamedResponse extends HttpResponseHead {
  readonly stream: Readable;
}

export type FrontAnswer = HttpResponse | StreamedResponse;

interface StreamedAnswer {
  readonly sink: ResponseSink;
  /** Ends the answer when the invocation is over: what was streamed is whole, or is cut off. */
  end(isWhole: boolean): void;
}

/** Takes what a function streams. `begin` is told of the answer, or of nothing where its head makes no sense. */
export function createStreamedAnswer(
  begin: (response: StreamedResponse | undefined) => void,
): StreamedAnswer {
  const stream = new PassThrough();
  let release: () => void = () => {};
  // The reader may leave; the function is not told, and what it writes from then on goes nowhere.
  stream.once('close', () => release());
  stream.on('error', () => {});

  return {
    sink: {
      begin: (head) => {
        const response = readHead(head);
        if (response === undefined) stream.destroy();
        begin(response && { ...response, stream });
      },
      write: (chunk) =>
        new Promise((resolve) => {
          release = resolve;
          stream.write(chunk, () => resolve());
        }),
    },
    end: (isWhole) => {
      if (isWhole) stream.end();
      else stream.destroy(new Error('The function did not come to its end'));
    },
  };
}

/** Reads the head. Without a prelude it is a 200 of the content type that the function set. */
function readHead({ contentType, prelude }: StreamHead): HttpResponseHead | undefined {
  if (contentType !== WITH_PRELUDE) return { status: 200, headers: { 'content-type': contentType } };
  if (prelude === undefined) return undefined;
  return toHead({ statusCode: 200, ...JSON.parse(prelude) }, 'application/octet-stream');
}
