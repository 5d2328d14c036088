import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, writeAnswer } from '../host/http-body.ts';
import { jsonError } from './aws-error.ts';
import { type Dialect, internalError } from './dialect.ts';
import type { HostedServices } from './hosted-service.ts';
import type { Caller, ServiceRequest, ServiceResponse } from './service-call.ts';
import { UNKNOWN_OPERATION, type WireCall, type WireRequest } from './wire-call.ts';

/** Reply that never comes: the caller's socket is cut. */
export const CUT = 'cut';
export type Answer = ServiceResponse | typeof CUT;
export type Perform = (request: ServiceRequest, wire: WireCall) => Promise<Answer>;

/** Parts that answer once the template is read. */
export interface OpenGateway {
  readonly services: HostedServices;
  readonly callers: ReadonlyMap<string, Caller>;
  readonly readCall: (request: WireRequest) => WireCall | undefined;
  readonly perform: Perform;
}

export const SHUT: ServiceResponse = {
  status: 503,
  headers: {},
  body: Buffer.from('The gateway is not open yet'),
};

/** Answers one HTTP request of an SDK. */
export async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  gateway: OpenGateway | undefined,
): Promise<void> {
  const answer = gateway === undefined ? SHUT : await answerTo(incoming, gateway);
  if (answer === CUT || incoming.socket.destroyed) return void incoming.socket.destroy();
  writeAnswer(outgoing, answer);
}

async function answerTo(incoming: IncomingMessage, gateway: OpenGateway): Promise<Answer> {
  const { services, callers, readCall, perform } = gateway;
  let wire: WireCall | undefined;
  try {
    const request = await readRequest(incoming);
    wire = readCall(request);
    if (!wire) return UNSIGNED;
    const { dialect } = services[wire.service];
    const caller = callers.get(wire.accessKeyId);
    if (!caller) return dialect.error(403, dialect.unrecognised, INVALID_TOKEN);
    return refusal(wire, dialect, request) ?? (await perform(toServiceRequest(request, wire, caller), wire));
  } catch (error) {
    if (!incoming.complete) return CUT;
    console.error(`Gateway, ${wire?.service ?? 'unknown service'} ${wire?.operation ?? ''}:`, error);
    return wire ? internalError(services[wire.service].dialect) : FAILED;
  }
}

const toServiceRequest = (
  { method, url, headers, body }: WireRequest,
  { service, operation }: WireCall,
  caller: Caller,
): ServiceRequest => ({ service, operation, method, url, headers, body, caller });

const INVALID_TOKEN = 'The security token is invalid.';
const UNSIGNED = jsonError(403, 'UnrecognizedClientException', INVALID_TOKEN);
const FAILED = jsonError(500, 'InternalFailure', 'Internal server error');

/** Refuses what AWS refuses before it asks for permissions, and what the local cloud cannot tell. */
function refusal(
  wire: WireCall,
  { error }: Dialect,
  { method, url }: WireRequest,
): ServiceResponse | undefined {
  if (wire.expiresAtMs !== undefined && wire.expiresAtMs < Date.now())
    return error(403, 'AccessDenied', 'Request has expired');
  if (wire.operation !== UNKNOWN_OPERATION) return undefined;
  const what = `The local cloud does not know this call of ${wire.service}: ${method} ${url}`;
  return error(501, 'NotImplemented', what);
}

const readRequest = async (incoming: IncomingMessage): Promise<WireRequest> => ({
  method: incoming.method ?? 'GET',
  url: incoming.url ?? '/',
  headers: flatten(incoming.headers),
  body: (await readBody(incoming)) ?? Buffer.alloc(0),
});

/** Gives each header one text: Node joins what comes several times, but for cookies. */
function flatten(headers: IncomingMessage['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    flat[name] = typeof value === 'string' ? value : (value ?? []).join(', ');
  }
  return flat;
}
