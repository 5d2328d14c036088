import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** An endpoint on this machine that answers as it is told and remembers what it was sent. */
export async function startEndpoint() {
  const seen: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  /** A status, or one with the seconds after which to come back. */
  const answers: (number | { readonly status: number; readonly retryAfter: number })[] = [];
  const server = createServer(async (request, response) => {
    seen.push({ headers: request.headers, body: await text(request) });
    const answer = answers.shift() ?? 200;
    if (typeof answer === 'number') response.writeHead(answer).end('heard');
    else response.writeHead(answer.status, { 'retry-after': String(answer.retryAfter) }).end('heard');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ seen, answers, url: `http://localhost:${port}/hook` },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
