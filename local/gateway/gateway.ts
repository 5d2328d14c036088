import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type {
  Assembly,
  Caller,
  FaultDecision,
  Faults,
  Gateway,
  ServiceRequest,
  ServiceResponse,
} from '../ports.ts';
import { accessDenied, awsError, internalError, throttled } from './aws-error.ts';
import { permissionsFor } from './iam/actions.ts';
import type { Authoriser } from './iam/authoriser.ts';
import { readCall, type WireCall } from './read-call.ts';
import { type Forward, passOn } from './services.ts';

export interface GatewayOptions {
  readonly assembly: Assembly;
  readonly authoriser: Authoriser;
  readonly faults: Faults;
  readonly forward: Forward;
  /** Told of every call that was done or refused by its own condition. */
  readonly measure: (request: ServiceRequest, wire: WireCall, outcome: Awaited<ReturnType<Forward>>) => void;
}

/** The endpoint exists before the assembly is read, because queue URLs lead to it. */
export interface GatewayPort extends Gateway {
  open(options: GatewayOptions): void;
}

/** The reply never comes: the caller's socket is cut. */
const CUT = 'cut';
type Answer = ServiceResponse | typeof CUT;

const SHUT: ServiceResponse = { status: 503, headers: {}, body: Buffer.from('The gateway is not open yet') };

/** Starts the one AWS endpoint of the local cloud on a free port of 127.0.0.1. */
export async function startGateway(): Promise<GatewayPort> {
  const callers = new Map<string, Extract<Caller, { kind: 'function' }>>();
  let killWorker: (workerId: string) => void = () => {};
  let options: GatewayOptions | undefined;

  const perform = async (request: ServiceRequest, wire: WireCall): Promise<Answer> =>
    options === undefined ? SHUT : pipeline(request, wire, options, killWorker);

  const server = createServer((incoming, outgoing) => {
    void serve(incoming, outgoing, callers, perform);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    endpoint,
    open: (given) => {
      options = given;
    },
    issueCredentials: (functionLogicalId, workerId) => {
      const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
      const functionName = options?.assembly.byLogicalId(functionLogicalId).functionName ?? functionLogicalId;
      callers.set(accessKeyId, { kind: 'function', functionLogicalId, functionName, workerId });
      return { accessKeyId, secretAccessKey: randomBytes(20).toString('hex'), sessionToken: 'local' };
    },
    call: async (request) => {
      const answer = await perform(request, wireOf(request));
      return answer === CUT ? internalError(request.service) : answer;
    },
    onCrash: (kill) => {
      killWorker = kill;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** fault before → authorise → forward → meter → fault after. */
async function pipeline(
  request: ServiceRequest,
  wire: WireCall,
  { assembly, authoriser, faults, forward, measure }: GatewayOptions,
  killWorker: (workerId: string) => void,
): Promise<Answer> {
  const fault = faults.roll(request.service, request.operation);
  const crash = (): Answer => {
    if (request.caller.kind === 'function') killWorker(request.caller.workerId);
    return CUT;
  };
  const early = await beforeDoing(fault, request, crash);
  if (early) return early;

  const verdict = authoriser.authorise(request.caller, permissionsFor(wire, assembly));
  if (!verdict.isAllowed) return accessDenied(request.service, verdict.message);

  const outcome = await forward(request, wire);
  measure(request, wire, outcome);
  if (isMissingObject(request, outcome.response.status)) {
    const mayList = authoriser.authorise(request.caller, [listBucket(wire)]);
    if (!mayList.isAllowed) return accessDenied('s3', mayList.message);
  }
  if (fault.kind === 'crash') return crash();
  return fault.kind === 'reply-lost' ? CUT : passOn(request, outcome.response);
}

const isMissingObject = ({ service, method }: ServiceRequest, status: number): boolean =>
  service === 's3' && status === 404 && (method === 'GET' || method === 'HEAD');

/** Who may not list a bucket is not told that a key is missing: S3 answers 403 (API reference, GetObject, "Permissions"). */
const listBucket = ({ bucket = '' }: WireCall) => ({
  action: 's3:ListBucket',
  resource: `arn:aws:s3:::${bucket}`,
  context: {},
});

async function beforeDoing(
  fault: FaultDecision,
  { service }: ServiceRequest,
  crash: () => Answer,
): Promise<Answer | undefined> {
  if (fault.kind === 'throttle') return throttled(service);
  if (fault.kind === 'error') return internalError(service);
  if (fault.kind === 'latency') await pause(fault.ms);
  return fault.kind === 'crash' && fault.when === 'before' ? crash() : undefined;
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  callers: ReadonlyMap<string, Caller>,
  perform: (request: ServiceRequest, wire: WireCall) => Promise<Answer>,
): Promise<void> {
  try {
    const answer = await answerTo(incoming, callers, perform);
    if (answer === CUT) return void incoming.socket.destroy();
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  } catch {
    incoming.socket.destroy();
  }
}

async function answerTo(
  incoming: IncomingMessage,
  callers: ReadonlyMap<string, Caller>,
  perform: (request: ServiceRequest, wire: WireCall) => Promise<Answer>,
): Promise<Answer> {
  const wireRequest = {
    method: incoming.method ?? 'GET',
    url: incoming.url ?? '/',
    headers: flatten(incoming.headers),
    body: await readBody(incoming),
  };
  const wire = readCall(wireRequest);
  const caller = callers.get(wire?.accessKeyId ?? '');
  if (!wire || !caller)
    return awsError(
      wire?.service ?? 'sqs',
      403,
      'UnrecognizedClientException',
      'The security token is invalid.',
    );
  return perform({ ...wireRequest, service: wire.service, operation: wire.operation, caller }, wire);
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const flatten = (headers: IncomingMessage['headers']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));

/** A call that AWS makes itself carries no signature. */
function wireOf({ service, operation, headers, body }: ServiceRequest): WireCall {
  const text = body.toString('utf8');
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  const input = isForm
    ? Object.fromEntries(new URLSearchParams(text))
    : (JSON.parse(text || '{}') as Record<string, unknown>);
  return { accessKeyId: '', service, operation, input };
}
