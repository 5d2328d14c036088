import type { ApiKeyRecord } from '../../shared/access/api-key.ts';
import { createToken, hashToken } from '../../shared/access/api-key-token.ts';
import type { ApiKeys, BootstrapKeys, SigningKeyMaker } from '../../shared/access/ports.ts';
import {
  type CustomResourceRequest,
  type CustomResourceResponse,
  customResourceRequest,
} from '../../shared/base/contract/custom-resource.ts';
import type { Ids, Log } from '../../shared/base/ports.ts';
import { createdAtEpochMsOf } from '../../shared/messages/message-bucket.ts';

interface BootstrapDeps {
  readonly signingKeys: SigningKeyMaker;
  readonly bootstrapKeys: BootstrapKeys;
  readonly apiKeys: Pick<ApiKeys, 'put'>;
  readonly ids: Ids;
  /** Makes 32 random bytes, base64. */
  readonly newSecret: () => string;
  readonly reply: (url: string, response: CustomResourceResponse) => Promise<void>;
  readonly log: Pick<Log, 'info' | 'error'>;
}

/** One tenant so far. */
const TENANT = 'default';

/** Id of the resource. A changed one would make CloudFormation delete the old resource. */
const PHYSICAL_RESOURCE_ID = 'bootstrap-key';

/**
 * Answers CloudFormation. Nothing secret is in the answer, and nothing is deleted with the stack: its tables stay as well.
 * @param request a custom resource request, not yet checked
 */
export function createBootstrapKey(deps: BootstrapDeps) {
  return async (request: unknown): Promise<void> => {
    const parsed = customResourceRequest.parse(request);
    const outcome = await outcomeOf(parsed, deps);
    const { StackId, RequestId, LogicalResourceId, ResponseURL } = parsed;
    await deps.reply(ResponseURL, {
      ...outcome,
      PhysicalResourceId: PHYSICAL_RESOURCE_ID,
      StackId,
      RequestId,
      LogicalResourceId,
    });
  };
}

async function outcomeOf(
  { RequestType }: CustomResourceRequest,
  deps: BootstrapDeps,
): Promise<Pick<CustomResourceResponse, 'Status' | 'Reason'>> {
  if (RequestType === 'Delete') return { Status: 'SUCCESS' };
  try {
    await makeFirstKey(deps);
    return { Status: 'SUCCESS' };
  } catch (error) {
    deps.log.error('bootstrap_key_not_made', { error });
    const name = error instanceof Error ? error.name : 'Error';
    return {
      Status: 'FAILED',
      Reason: `The first API key could not be made (${name}); the function's log says where.`,
    };
  }
}

/**
 * Id and secret are fixed first, and the token follows from them: wherever a run dies, the next one makes the same key.
 * Once done it is never made again, also after it was deleted.
 */
async function makeFirstKey({ signingKeys, bootstrapKeys, apiKeys, ids, newSecret, log }: BootstrapDeps) {
  const secret = await signingKeys.putIfAbsent(newSecret());
  const { apiKeyId, isDone } = await bootstrapKeys.begin(ids.next());
  if (isDone) return;

  const { token, record } = firstKey(apiKeyId, secret);
  await apiKeys.put(record);
  await bootstrapKeys.putToken(apiKeyId, token);
  await bootstrapKeys.finish(apiKeyId);
  log.info('bootstrap_key_made', { apiKeyId });
}

function firstKey(apiKeyId: string, secret: string): { token: string; record: ApiKeyRecord } {
  const claims = { apiKeyId, tenant: TENANT, permission: 'full_access' } as const;
  const token = createToken(claims, secret);
  const createdAt = new Date(createdAtEpochMsOf(apiKeyId)).toISOString();
  return { token, record: { ...claims, name: 'bootstrap', tokenHash: hashToken(token), createdAt } };
}
