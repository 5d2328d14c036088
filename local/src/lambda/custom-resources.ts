import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Assembly, HostedResource } from '../assembly/assembly.ts';
import { parseJson } from '../host/json.ts';
import type { LambdaHost } from './invocation.ts';
import { findFunction } from './invoke-permission.ts';

interface CustomResourceReply {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
}

/** Time that a start waits for the reply; CloudFormation waits an hour. */
const REPLY_TIMEOUT_MS = 20_000;

/**
 * Creates the template's custom resources, one after the other in the template's order, as CloudFormation does at a
 * first deployment. Throws with the reason of the first that fails.
 */
export async function createCustomResources(
  assembly: Assembly,
  lambda: Pick<LambdaHost, 'invoke'>,
  replyTimeoutMs = REPLY_TIMEOUT_MS,
): Promise<void> {
  const resources = assembly.resources.filter(({ type }) => isCustom(type));
  if (resources.length === 0) return;
  const replies = await listenForReplies();
  try {
    for (const resource of resources) await createOne(assembly, resource, lambda, replies, replyTimeoutMs);
  } finally {
    replies.close();
  }
}

const isCustom = (type: string): boolean =>
  type === 'AWS::CloudFormation::CustomResource' || type.startsWith('Custom::');

async function createOne(
  assembly: Assembly,
  resource: HostedResource,
  lambda: Pick<LambdaHost, 'invoke'>,
  replies: ReplyListener,
  replyTimeoutMs: number,
): Promise<void> {
  const fail = (reason: string) => {
    throw new Error(`The custom resource ${resource.logicalId} was not created: ${reason}`);
  };
  const target = findFunction(assembly, String(resource.properties.ServiceToken));
  if (!target) return fail('its ServiceToken names no function of the template');

  const requestId = randomUUID();
  const reply = replies.expect(requestId, replyTimeoutMs);
  const result = await lambda.invoke(target.logicalId, {
    RequestType: 'Create',
    ServiceToken: target.arn,
    ResponseURL: replies.urlOf(requestId),
    StackId: `arn:aws:cloudformation:${assembly.region}:${assembly.accountId}:stack/${assembly.stackName}/local`,
    RequestId: requestId,
    LogicalResourceId: resource.logicalId,
    ResourceType: resource.type,
    ResourceProperties: toStrings(resource.properties),
  });
  // CloudFormation sees only the reply; a function that broke before it would be waited for in vain.
  if (result.kind !== 'ok') replies.cancel(requestId);
  const { Status, Reason } = await reply;
  if (Status !== 'SUCCESS')
    fail(result.kind === 'error' && Reason === undefined ? result.message : (Reason ?? 'no reply'));
}

/** CloudFormation passes every scalar as a string. */
function toStrings(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toStrings);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toStrings(inner)]));
  return String(value);
}

interface ReplyListener {
  urlOf(requestId: string): string;
  expect(requestId: string, timeoutMs: number): Promise<CustomResourceReply>;
  /** Gives up on a reply that has not come yet. */
  cancel(requestId: string): void;
  close(): void;
}

async function listenForReplies(): Promise<ReplyListener> {
  const expected = new Map<string, (reply: CustomResourceReply) => void>();
  const server = createServer(async (request, response) => {
    const settle = expected.get(request.url?.slice(1) ?? '');
    const reply = await readReply(request);
    response.writeHead(settle && request.method === 'PUT' ? 200 : 403).end();
    if (request.method === 'PUT') settle?.(reply);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    urlOf: (requestId) => `http://127.0.0.1:${port}/${requestId}`,
    expect: (requestId, timeoutMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve({ Status: 'FAILED', Reason: 'no reply in time' }), timeoutMs);
        expected.set(requestId, (reply) => {
          clearTimeout(timer);
          resolve(reply);
        });
      }),
    cancel: (requestId) => expected.get(requestId)?.({ Status: 'FAILED' }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function readReply(request: IncomingMessage): Promise<CustomResourceReply> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const reply = parseJson(Buffer.concat(chunks)) as CustomResourceReply | undefined;
  return reply ?? { Status: 'FAILED', Reason: 'the reply is not JSON' };
}
