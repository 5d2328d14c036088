import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Assembly } from '../assembly/assembly.ts';
import { internalError } from './dialect.ts';
import { createPipeline, type PipelineOptions } from './pipeline.ts';
import { createCallReader } from './read-call.ts';
import { type Answer, CUT, type OpenGateway, SHUT, serve } from './serve.ts';
import { type Caller, type Gateway, GatewayClosedError, type ServiceRequest } from './service-call.ts';
import type { WireCall } from './wire-call.ts';

interface GatewayOptions extends Omit<PipelineOptions, 'killWorker'> {
  readonly assembly: Assembly;
}

/** The endpoint exists before the assembly is read, because queue URLs lead to it. */
export interface GatewayPort extends Gateway {
  open(options: GatewayOptions): void;
}

/** Access key that the person at this machine signs with, by any secret; functions have keys of their own. */
const OPERATOR_ACCESS_KEY_ID = 'local';

/** Starts the one AWS endpoint of the local cloud on a free port of 127.0.0.1. `call` rejects once it is closed. */
export async function startGateway(): Promise<GatewayPort> {
  const callers = new Map<string, Caller>([
    [OPERATOR_ACCESS_KEY_ID, { kind: 'operator', principal: 'operator' }],
  ]);
  let killWorker: (workerId: string) => void = () => {};
  let assembly: Assembly | undefined;
  let opened: OpenGateway | undefined;
  let isClosed = false;

  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing, opened));
  // A socket closed here just as a worker writes to it would look like a lost reply.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: (options) => {
      assembly = options.assembly;
      const { services } = options;
      const perform = createPipeline({ ...options, killWorker: (workerId) => killWorker(workerId) });
      opened = { services, callers, perform, readCall: createCallReader(services) };
    },
    issueCredentials: (functionLogicalId, workerId) => {
      const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
      const functionName = assembly?.byLogicalId(functionLogicalId).functionName ?? functionLogicalId;
      callers.set(accessKeyId, { kind: 'function', functionLogicalId, functionName, workerId });
      return { accessKeyId, secretAccessKey: randomBytes(20).toString('hex'), sessionToken: 'local' };
    },
    call: async (request) => {
      if (isClosed) throw new GatewayClosedError();
      if (opened === undefined) return SHUT;
      return plainAnswer(request, await opened.perform(request, wireOf(request)), opened);
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

/** A caller of this process has no socket to be cut. */
const plainAnswer = ({ service }: ServiceRequest, answer: Answer, { services }: OpenGateway) =>
  answer === CUT ? internalError(services[service].dialect) : answer;

/** A call that AWS makes itself carries no signature. */
function wireOf({ service, operation, headers, body }: ServiceRequest): WireCall {
  const text = body.toString('utf8');
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  const input = isForm
    ? Object.fromEntries(new URLSearchParams(text))
    : (JSON.parse(text || '{}') as Record<string, unknown>);
  return { accessKeyId: '', service, operation, input };
}
