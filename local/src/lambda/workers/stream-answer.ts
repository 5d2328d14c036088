import { finished } from 'node:stream/promises';
import { ResponseStream, type StreamingHandler, type StreamLink } from './response-stream.ts';

/** Runs a streaming handler until it has returned and its stream has ended, which may be later. Throws what it throws. */
export async function streamAnswer(
  handler: StreamingHandler,
  event: unknown,
  context: unknown,
  link: StreamLink,
): Promise<void> {
  const stream = new ResponseStream(handler, link);
  const end = finished(stream);
  // Awaited below; a handler that fails first leaves it alone.
  end.catch(() => {});
  try {
    const result = handler(event, stream, context);
    if (!(result instanceof Promise)) throw new Error('Streaming does not support non-async handlers.');
    if ((await result) !== undefined) console.warn('Streaming handlers ignore return values.');
    await end;
  } finally {
    stream.destroy();
  }
}
