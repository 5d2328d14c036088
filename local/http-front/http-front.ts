import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { readBody, writeAnswer } from '../http-body.ts';
import type { Clock } from '../ports.ts';
import { type ApiFrontDeps, createApiFront } from './api-front.ts';
import type { KeySwap } from './friendly-key.ts';
import { type FrontResponse, GATEWAY_REPLIES } from './function-response.ts';
import { createLocalRouter, isLocalPath, type LocalRoute } from './local-routes.ts';
import type { FrontRequest } from './request-event.ts';

export interface HttpFrontOptions extends ApiFrontDeps {
  readonly clock: Clock;
  /** 0 takes a free port. */
  readonly port: number;
  readonly swapKey: KeySwap;
  readonly localRoutes: readonly LocalRoute[];
}

export interface HttpFront {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  close(): Promise<void>;
}

/** Quotas of HTTP APIs: payload, and request line with headers. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_HEADER_BYTES = 10_240;
/** Longer than clients keep idle connections, so that none is closed under a request. */
const KEEP_ALIVE_MS = 75_000;

/** Serves the template's HTTP API and the local cloud's own routes. Rejects with EADDRINUSE where the port is taken. */
export async function startHttpFront(options: HttpFrontOptions): Promise<HttpFront> {
  const answerApi = createApiFront(options);
  const answerLocal = createLocalRouter(options.localRoutes);
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS });

  const answer = async (incoming: IncomingMessage): Promise<FrontResponse> => {
    // Read on past the limit: a client that is still sending would not read an answer.
    const body = await readBody(incoming, MAX_BODY_BYTES);
    if (body === undefined) return GATEWAY_REPLIES.tooLarge;
    const request = toFrontRequest(incoming, body, options.clock.now());
    if (isLocalPath(request.url.split('?')[0] ?? ''))
      return answerLocal(request.method, request.url, body, request);
    return answerApi({ ...request, headers: await options.swapKey(request.headers) });
  };
  server.on('request', (incoming, outgoing) => {
    answer(incoming).then(
      (response) => write(outgoing, response),
      (error: unknown) => {
        options.warn(`${incoming.method} ${incoming.url?.split('?')[0]}: ${String(error)}`);
        write(outgoing, GATEWAY_REPLIES.failed);
      },
    );
  });
  server.on('clientError', answerClientError);
  await listen(server, options.port);

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function toFrontRequest(incoming: IncomingMessage, body: Buffer, now: number): FrontRequest {
  return {
    method: incoming.method ?? 'GET',
    url: incoming.url ?? '/',
    httpVersion: incoming.httpVersion,
    headers: incoming.headersDistinct as Record<string, readonly string[]>,
    body,
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    port: incoming.socket.localPort ?? 0,
    requestId: randomBytes(11).toString('base64url'),
    receivedAt: now,
  };
}

function write(outgoing: ServerResponse, { status, headers, body }: FrontResponse): void {
  if (!outgoing.destroyed) writeAnswer(outgoing, status, headers, body);
}

function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const isHeaders = error.code === 'HPE_HEADER_OVERFLOW';
  const { status, body } = isHeaders ? GATEWAY_REPLIES.headersTooLarge : GATEWAY_REPLIES.badRequest;
  const reason = isHeaders ? 'Request Header Fields Too Large' : 'Bad Request';
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n` +
      `connection: close\r\n\r\n${body.toString('utf8')}`,
  );
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}
