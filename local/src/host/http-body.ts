import type { IncomingMessage, ServerResponse } from 'node:http';

export interface HttpResponseHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

export interface HttpResponse extends HttpResponseHead {
  readonly body: Buffer;
}

/**
 * The whole body; what goes beyond `keepBytes` is read and dropped, and `undefined` says so. By events: measured on
 * small bodies, `for await` makes an iterator and an abort error for each request and costs twice as much.
 */
export function readBody(
  incoming: IncomingMessage,
  keepBytes = Number.POSITIVE_INFINITY,
): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= keepBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    incoming.on('end', () => resolve(length > keepBytes ? undefined : Buffer.concat(chunks)));
    incoming.on('error', reject);
    incoming.on('close', () => {
      if (!incoming.complete) reject(new Error('The request was cut off'));
    });
  });
}

/** Size below which a copy of the body is cheaper than a second piece for the kernel. */
const ONE_WRITE_BYTES = 64 * 1024;

/** Writes an answer; a small one with its headers in one piece, which a Buffer would prevent. */
export function writeAnswer(outgoing: ServerResponse, { status, headers, body }: HttpResponse): void {
  outgoing.statusCode = status;
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  if (body.length < ONE_WRITE_BYTES) outgoing.end(body.toString('latin1'), 'latin1');
  else outgoing.end(body);
}
