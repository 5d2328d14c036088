import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, writeAnswer } from '../host/http-body.ts';
import { awsError, internalError } from './aws-error.ts';
import { readCall, UNKNOWN_OPERATION, type WireCall, type WireRequest } from './read-call.ts';
import type { Caller, ServiceRequest, ServiceResponse } from './service-call.ts';

/** The reply never comes: the caller's socket is cut. */
export const CUT = 'cut';
export type Answer = ServiceResponse | typeof CUT;
export type Perform = (request: ServiceRequest, wire: WireCall) => Promise<Answer>;

/** Answers one HTTP request of an SDK. */
export async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  callers: ReadonlyMap<string, Caller>,
  perform: Perform,
): Promise<void> {
  const answer = await answerTo(incoming, callers, perform);
  if (answer === CUT || incoming.socket.destroyed) return void incoming.socket.destroy();
  writeAnswer(outgoing, answer.status, answer.headers, answer.body);
}

async function answerTo(
  incoming: IncomingMessage,
  callers: ReadonlyMap<string, Caller>,
  perform: Perform,
): Promise<Answer> {
  let wire: WireCall | undefined;
  try {
    const request = await readRequest(incoming);
    wire = readCall(request);
    const caller = callers.get(wire?.accessKeyId ?? '');
    if (!wire || !caller) return unrecognised(wire);
    return refusal(wire, request) ?? (await perform(toServiceRequest(request, wire, caller), wire));
  } catch (error) {
    if (!incoming.complete) return CUT;
    console.error(`Gateway, ${wire?.service ?? 'unknown service'} ${wire?.operation ?? ''}:`, error);
    return internalError(wire?.service ?? 'sqs');
  }
}

const toServiceRequest = (
  request: WireRequest,
  { service, operation }: WireCall,
  caller: Caller,
): ServiceRequest => ({ ...request, service, operation, caller });

const unrecognised = (wire: WireCall | undefined): ServiceResponse =>
  awsError(
    wire?.service ?? 'sqs',
    403,
    wire?.service === 's3' ? 'InvalidAccessKeyId' : 'UnrecognizedClientException',
    'The security token is invalid.',
  );

/** What AWS refuses before it asks for permissions, and what the local cloud cannot tell. */
function refusal(wire: WireCall, { method, url }: WireRequest): ServiceResponse | undefined {
  if (wire.expiresAtMs !== undefined && wire.expiresAtMs < Date.now())
    return awsError(wire.service, 403, 'AccessDenied', 'Request has expired');
  if (wire.operation !== UNKNOWN_OPERATION) return undefined;
  const what = `The local cloud does not know this call of ${wire.service}: ${method} ${url}`;
  return awsError(wire.service, 501, 'NotImplemented', what);
}

const readRequest = async (incoming: IncomingMessage): Promise<WireRequest> => ({
  method: incoming.method ?? 'GET',
  url: incoming.url ?? '/',
  headers: flatten(incoming.headers),
  body: (await readBody(incoming)) ?? Buffer.alloc(0),
});

const flatten = (headers: IncomingMessage['headers']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
