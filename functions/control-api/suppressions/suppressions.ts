import type { ApiKeyClaims } from '../../../shared/access/api-key.ts';
import { invalidField, notFound } from '../../../shared/base/contract/errors.ts';
import { listObject, readPage, requireOwnCursor, withLimit } from '../../../shared/base/contract/page.ts';
import { readUuid } from '../../../shared/base/contract/uuid.ts';
import { defined } from '../../../shared/base/defined.ts';
import type { Clock, Ids } from '../../../shared/base/ports.ts';
import { deliveryAddressOf, normaliseAddress, parseAddress } from '../../../shared/mail/address.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import { requireStream } from '../../../shared/submission/contract/send-stream.ts';
import {
  suppressionItem,
  suppressionReference,
} from '../../../shared/suppressions/contract/suppression-object.ts';
import type { SuppressionLists, Suppressions } from '../../../shared/suppressions/ports.ts';
import type { Suppression, SuppressionOrigin } from '../../../shared/suppressions/suppression.ts';
import { hasOwnList, streamScope, tenantScope } from '../../../shared/suppressions/suppression-scope.ts';
import { type Answer, type ApiRoute, created, ok, param, readFields, requireText } from '../call.ts';

export interface SuppressionDeps {
  readonly suppressions: Pick<SuppressionLists, 'forScope'>;
  readonly streams: Streams;
  readonly clock: Clock;
  readonly ids: Ids;
}

const ORIGINS: readonly SuppressionOrigin[] = ['bounce', 'complaint', 'manual', 'unsubscribe'];

export function suppressionRoutes(deps: SuppressionDeps): readonly ApiRoute[] {
  return [
    { method: 'POST', pattern: '/suppressions', handler: addSuppression(deps) },
    { method: 'GET', pattern: '/suppressions', handler: listSuppressions(deps) },
    { method: 'GET', pattern: '/suppressions/{idOrEmail+}', handler: showSuppression(deps) },
    { method: 'DELETE', pattern: '/suppressions/{idOrEmail+}', handler: removeSuppression(deps) },
  ];
}

function addSuppression(deps: SuppressionDeps): Answer {
  return async ({ claims, body }) => {
    const fields = readFields(body);
    const address = readAddress(requireText(fields, 'email'));
    const list = listFor(claims, fields.stream, deps);
    return created(suppressionReference(await list.add(manualEntry(address, claims, deps))));
  };
}

function listSuppressions(deps: SuppressionDeps): Answer {
  return async ({ claims, query }) => {
    const page = withLimit(readPage(query));
    requireOwnCursor(page, 'a suppression');
    const origin = readOrigin(query.origin);
    const list = listFor(claims, query.stream, deps);
    const found = await list.list({ ...page, ...defined({ origin }) });
    return ok(listObject(found.suppressions.map(suppressionItem), found.hasMore));
  };
}

function showSuppression(deps: SuppressionDeps): Answer {
  return async (call) => {
    const list = listFor(call.claims, call.query.stream, deps);
    const found = await list.get(readIdOrAddress(param(call, 'idOrEmail')));
    if (found === undefined) throw suppressionNotFound();
    return ok({ object: 'suppression', ...suppressionItem(found) });
  };
}

function removeSuppression(deps: SuppressionDeps): Answer {
  return async (call) => {
    const list = listFor(call.claims, call.query.stream, deps);
    const removed = await list.remove(readIdOrAddress(param(call, 'idOrEmail')));
    if (removed === undefined) throw suppressionNotFound();
    return ok({ ...suppressionReference(removed), deleted: true });
  };
}

/** The tenant's list, or that of one of its streams, where streams have their own. */
export function listFor(
  { tenant }: ApiKeyClaims,
  stream: unknown,
  { suppressions, streams }: Pick<SuppressionDeps, 'suppressions' | 'streams'>,
): Suppressions {
  if (stream === undefined || stream === null) return suppressions.forScope(tenantScope(tenant));
  if (typeof stream !== 'string') throw invalidField('The `stream` field must be a string.');
  const found = requireStream(stream, streams);
  if (hasOwnList(found)) return suppressions.forScope(streamScope(tenant, found.name));
  throw invalidField(`The stream \`${found.name}\` has no list of its own; leave \`stream\` out.`);
}

const suppressionNotFound = () => notFound('Suppression not found');

export function manualEntry(
  address: string,
  { apiKeyId }: ApiKeyClaims,
  { clock, ids }: Pick<SuppressionDeps, 'clock' | 'ids'>,
): Suppression {
  return {
    suppressionId: ids.next(),
    address,
    origin: 'manual',
    createdAt: new Date(clock.nowEpochMs()).toISOString(),
    reason: `Added with the API key ${apiKeyId}`,
  };
}

/** The address as sending looks it up: normalised, and a test recipient as its mailbox at the simulator. */
export function readAddress(text: string): string {
  const parsed = parseAddress(text);
  if (parsed.kind === 'refused') throw invalidField(`The \`email\` field ${parsed.reason}.`);
  return normaliseAddress(deliveryAddressOf(text));
}

/** A local part may have a slash; of one with `?` the HTTP API hands on what is before, which is no address. */
const readIdOrAddress = (text: string): string =>
  text.includes('@') ? readAddress(text) : readUuid(text, 'id');

function readOrigin(text: string | undefined): SuppressionOrigin | undefined {
  if (text === undefined) return undefined;
  const origin = ORIGINS.find((each) => each === text);
  if (origin !== undefined) return origin;
  throw invalidField('`origin` must be `bounce`, `complaint`, `manual` or `unsubscribe`.');
}
