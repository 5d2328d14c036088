import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Assembly } from '../assembly/assembly.ts';
import { accessDenied, internalError, throttled } from './aws-error.ts';
import type { FaultDecision, Faults } from './faults.ts';
import type { Authoriser } from './iam/authoriser.ts';
import { permissionsFor } from './iam/permissions.ts';
import type { WireCall } from './read-call.ts';
import { type Answer, CUT, type Perform, serve } from './serve.ts';
import {
  type Caller,
  type Gateway,
  GatewayClosedError,
  type ServiceRequest,
  type ServiceResponse,
} from './service-call.ts';
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

/** What the person at this machine signs with, by any secret; functions have keys of their own. */
const OPERATOR_ACCESS_KEY_ID = 'local';

const SHUT: ServiceResponse = { status: 503, headers: {}, body: Buffer.from('The gateway is not open yet') };

/** Starts the one AWS endpoint of the local cloud on a free port of 127.0.0.1. `call` rejects once it is closed. */
export async function startGateway(): Promise<GatewayPort> {
  const callers = new Map<string, Caller>([
    [OPERATOR_ACCESS_KEY_ID, { kind: 'operator', principal: 'operator' }],
  ]);
  let killWorker: (workerId: string) => void = () => {};
  let options: GatewayOptions | undefined;
  let isClosed = false;

  const perform: Perform = async (request, wire) =>
    options === undefined ? SHUT : pipeline(request, wire, options, killWorker);
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing, callers, perform));
  // A socket closed here just as a worker writes to it would look like a lost reply.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
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
      if (isClosed) throw new GatewayClosedError();
      const answer = await perform(request, wireOf(request));
      return answer === CUT ? internalError(request.service) : answer;
    },
    onCrash: (kill) => {
      killWorker = kill;
    },
    close: async () => {
      isClosed = true;
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
  // An invocation is disturbed by the host that runs it.
  const fault: FaultDecision =
    request.service === 'lambda' ? { kind: 'none' } : faults.roll(request.service, request.operation);
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

/** A call that AWS makes itself carries no signature. */
function wireOf({ service, operation, headers, body }: ServiceRequest): WireCall {
  const text = body.toString('utf8');
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  const input = isForm
    ? Object.fromEntries(new URLSearchParams(text))
    : (JSON.parse(text || '{}') as Record<string, unknown>);
  return { accessKeyId: '', service, operation, input };
}
