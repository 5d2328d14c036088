import type { ApiKeyClaims, Permission } from '../../../shared/access/api-key.ts';
import { createToken, hashToken } from '../../../shared/access/api-key-token.ts';
import { apiKeyItem } from '../../../shared/access/contract/api-key-object.ts';
import type { ApiKeys, BootstrapTokens, SigningKeys } from '../../../shared/access/ports.ts';
import { ContractError, invalidField, missingField, notFound } from '../../../shared/base/contract/errors.ts';
import { listObject, pageOf, readPage } from '../../../shared/base/contract/page.ts';
import { readUuid } from '../../../shared/base/contract/uuid.ts';
import { defined } from '../../../shared/base/defined.ts';
import type { Clock, Ids } from '../../../shared/base/ports.ts';
import { OPERATOR_TENANT } from '../../../shared/base/tenant-name.ts';
import { domainIdOf } from '../../../shared/domains/domain-id.ts';
import type { Domains } from '../../../shared/domains/ports.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import { requireStream } from '../../../shared/submission/contract/send-stream.ts';
import type { Tenants } from '../../../shared/tenants/ports.ts';
import { type Answer, type ApiRoute, created, ok, param, readFields, requireText } from '../call.ts';

interface ApiKeyDeps {
  readonly apiKeys: Pick<ApiKeys, 'list' | 'put' | 'rename' | 'delete'>;
  readonly bootstrapTokens: BootstrapTokens;
  readonly signingKeys: SigningKeys;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Of postlane.config.ts. */
  readonly configuredDomains: readonly string[];
  readonly domains: Pick<Domains, 'get' | 'list'>;
  readonly streams: Streams;
  readonly tenants: Pick<Tenants, 'read'>;
}

type Fields = Readonly<Record<string, unknown>>;

const MAX_NAME_LENGTH = 50;
/** Domains in an error message. */
const NAMED_AT_MOST = 10;

export function apiKeyRoutes(deps: ApiKeyDeps): readonly ApiRoute[] {
  return [
    { method: 'POST', pattern: '/api-keys', handler: createKey(deps) },
    { method: 'GET', pattern: '/api-keys', handler: listKeys(deps) },
    { method: 'PATCH', pattern: '/api-keys/{id}', handler: renameKey(deps) },
    { method: 'DELETE', pattern: '/api-keys/{id}', handler: deleteKey(deps) },
  ];
}

/** The token is in this answer and nowhere else: the catalog keeps its hash. */
function createKey(deps: ApiKeyDeps): Answer {
  const { apiKeys, signingKeys, clock, ids } = deps;
  return async ({ claims: bearer, body }) => {
    const fields = readFields(body);
    const name = readName(fields);
    const tenant = await readTenant(fields, bearer, deps);
    const permission = readPermission(fields);
    const domainId = readDomainId(fields, permission);
    const stream = readStream(fields, deps.streams);
    const domain = domainId === undefined ? undefined : await requireDomainName(deps, tenant, domainId);

    const claims: ApiKeyClaims = {
      apiKeyId: ids.next(),
      tenant,
      permission,
      ...defined({ domain, stream }),
    };
    const token = createToken(claims, await signingKeys.current());
    const createdAt = new Date(clock.nowEpochMs()).toISOString();

    await apiKeys.put({ ...claims, name, tokenHash: hashToken(token), createdAt });
    return created({ id: claims.apiKeyId, token });
  };
}

function listKeys({ apiKeys }: ApiKeyDeps): Answer {
  return async ({ claims, query }) => {
    const page = readPage(query);
    const { items, hasMore } = pageOf(await apiKeys.list(claims.tenant), ({ apiKeyId }) => apiKeyId, page);
    return ok(listObject(items.map(apiKeyItem), hasMore));
  };
}

function renameKey({ apiKeys }: ApiKeyDeps): Answer {
  return async (call) => {
    const id = readUuid(param(call, 'id'), 'id');
    const name = readName(readFields(call.body));
    if (!(await apiKeys.rename(call.claims.tenant, id, name))) throw keyNotFound();
    return ok({ object: 'api_key', id });
  };
}

/** The stored copy of the bootstrap token goes first: after the key it would be left for good. */
function deleteKey({ apiKeys, bootstrapTokens }: ApiKeyDeps): Answer {
  return async (call) => {
    const id = readUuid(param(call, 'id'), 'id');
    const { tenant } = call.claims;
    const keys = await apiKeys.list(tenant);
    if (!keys.some(({ apiKeyId }) => apiKeyId === id)) throw keyNotFound();

    await bootstrapTokens.forget(id);
    if (!(await apiKeys.delete(tenant, id))) throw keyNotFound();
    return ok({ object: 'api_key', id, deleted: true });
  };
}

const keyNotFound = () => notFound('API key not found');

function readName(fields: Fields): string {
  const name = requireText(fields, 'name');
  if (name.trim() === '') throw missingField('name');
  if (name.length > MAX_NAME_LENGTH) {
    throw invalidField(`The \`name\` field must have at most ${MAX_NAME_LENGTH} characters.`);
  }
  if (!name.isWellFormed() || /\p{Cc}/u.test(name)) {
    throw invalidField('The `name` field contains a control character.');
  }
  return name;
}

function readPermission({ permission }: Fields): Permission {
  if (permission === undefined || permission === null) return 'full_access';
  if (permission === 'full_access' || permission === 'sending_access') return permission;
  const message = 'The `permission` field must be `full_access` or `sending_access`.';
  throw new ContractError(422, 'invalid_access', message);
}

/** Whose key it is to be: the operator makes the first one of each tenant, and tenants make their own after that. */
async function readTenant(
  { tenant }: Fields,
  { tenant: own }: ApiKeyClaims,
  { streams, tenants }: ApiKeyDeps,
): Promise<string> {
  if (streams.tenants === undefined || tenant === undefined || tenant === null || tenant === own) return own;
  if (typeof tenant !== 'string') throw invalidField('The `tenant` field must be a string.');
  const isThere = own === OPERATOR_TENANT && (await tenants.read(tenant)) !== undefined;
  if (isThere) return tenant;
  throw invalidField(`There is no tenant \`${tenant.slice(0, 64)}\`; make it with POST /tenants.`);
}

/** The stream of the key's mail that names none. */
function readStream({ stream }: Fields, streams: Streams): string | undefined {
  if (stream === undefined || stream === null) return undefined;
  if (typeof stream !== 'string') throw invalidField('The `stream` field must be a string.');
  return requireStream(stream, streams).name;
}

function readDomainId(fields: Fields, permission: Permission): string | undefined {
  if (fields.domain_id === undefined || fields.domain_id === null) return undefined;
  if (permission !== 'sending_access') {
    throw invalidField('The `domain_id` field is only for keys with `sending_access`.');
  }
  return readUuid(String(fields.domain_id), 'domain_id');
}

async function requireDomainName(
  { configuredDomains, domains }: ApiKeyDeps,
  tenant: string,
  domainId: string,
): Promise<string> {
  const configured = configuredDomains.find((each) => domainIdOf(each) === domainId);
  const name = configured ?? (await domains.get(tenant, domainId))?.name;
  if (name !== undefined) return name;
  const own = (await domains.list(tenant)).map((domain) => domain.name);
  const known = [...configuredDomains, ...own].slice(0, NAMED_AT_MOST);
  throw notFound(`Domain not found. ${known.map((each) => `${each} is ${domainIdOf(each)}`).join(', ')}.`);
}
