import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../host/clock.ts';
import { readBody, writeAnswer } from '../host/http-body.ts';
import { createLocalRouter, isLocalPath, type LocalRoute } from '../host/local-routes.ts';
import { type ApiFrontDeps, createApiFront } from './api-front.ts';
import type { KeySwap } from './friendly-key.ts';
import { GATEWAY_REPLIES } from './function-response.ts';
import { createFunctionUrlFront, type FunctionUrlFrontDeps } from './function-url-front.ts';
import type { FrontRequest } from './request-event.ts';
import type { FrontAnswer, StreamedResponse } from './streamed-response.ts';

export interface HttpFrontOptions extends ApiFrontDeps, FunctionUrlFrontDeps {
  readonly clock: Clock;
  readonly swapKey: KeySwap;
  readonly localRoutes: readonly LocalRoute[];
}

/** Listens before the assembly is read, because the API's own URL is among what the template hands to functions. */
export interface HttpFront {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Opens the front: requests wait until then. Throws with the name of what the front does not host. */
  open(options: HttpFrontOptions): void;
  /** Cuts every connection, streams that are still written included. */
  close(): Promise<void>;
}

/** Quotas of HTTP APIs: payload, and request line with headers. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_HEADER_BYTES = 10_240;
/**
 * Time that connections are kept: longer than clients keep idle ones, so that none is closed under a request.
 */
const KEEP_ALIVE_MS = 75_000;

/**
 * Serves the template's HTTP API, its function URLs and the local cloud's own routes. Port 0 takes a free one; rejects with
 * EADDRINUSE where the port is taken.
 */
export async function startHttpFront(port: number): Promise<HttpFront> {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS });
  const opened = Promise.withResolvers<Serve>();
  let closed: Promise<unknown> | undefined;
  server.on('request', async (incoming, outgoing) => (await opened.promise)(incoming, outgoing));
  server.on('clientError', answerClientError);
  await listen(server, port);

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: (options) => opened.resolve(createServe(options)),
    close: async () => {
      closed ??= once(server.close(), 'close');
      server.closeAllConnections();
      await closed;
    },
  };
}

type Serve = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

function createServe(options: HttpFrontOptions): Serve {
  const answer = createAnswer(options);
  return async (incoming, outgoing) => {
    try {
      await write(outgoing, await answer(incoming));
    } catch (error) {
      options.warn(`${incoming.method} ${incoming.url?.split('?')[0]}: ${String(error)}`);
      await write(outgoing, GATEWAY_REPLIES.failed);
    }
  };
}

/** Chooses what answers: the local cloud itself, a function URL, or the API. */
function createAnswer(options: HttpFrontOptions) {
  const answerApi = createApiFront(options);
  const answerUrl = createFunctionUrlFront(options);
  const answerLocal = createLocalRouter(options.localRoutes);

  return async (incoming: IncomingMessage): Promise<FrontAnswer> => {
    // Read on past the limit: a client that is still sending would not read an answer.
    const body = await readBody(incoming, MAX_BODY_BYTES);
    if (body === undefined) return GATEWAY_REPLIES.tooLarge;
    const request = toFrontRequest(incoming, body, options.clock.now());
    if (isLocalPath(request.url.split('?')[0] ?? ''))
      return answerLocal(request.method, request.url, body, request);
    const swapped = { ...request, headers: await options.swapKey(request.headers) };
    return (await answerUrl(swapped)) ?? answerApi(swapped);
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

async function write(outgoing: ServerResponse, response: FrontAnswer): Promise<void> {
  if ('stream' in response) return writeStream(outgoing, response);
  if (!outgoing.destroyed) writeAnswer(outgoing, response);
}

/**
 * Writes the head first, then each piece as it is written. Where either side ends early, so does the other.
 */
async function writeStream(
  outgoing: ServerResponse,
  { status, headers, stream }: StreamedResponse,
): Promise<void> {
  outgoing.writeHead(status, headers as OutgoingHttpHeaders).flushHeaders();
  try {
    await pipeline(stream, outgoing);
  } catch {
    // A pipeline into a reader who was gone before it began leaves its source open.
    stream.destroy();
    outgoing.destroy();
  }
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
