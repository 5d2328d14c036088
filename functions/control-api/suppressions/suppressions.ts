import { invalidField, notFound } from '../../../shared/base/contract/errors.ts';
import { listObject, readPage, requireOwnCursor, withLimit } from '../../../shared/base/contract/page.ts';
import { readUuid } from '../../../shared/base/contract/uuid.ts';
import { defined } from '../../../shared/base/defined.ts';
import {
  suppressionItem,
  suppressionReference,
} from '../../../shared/suppressions/contract/suppression-object.ts';
import type { SuppressionOrigin } from '../../../shared/suppressions/suppression.ts';
import { type Answer, type ApiRoute, created, ok, param, readFields, requireText } from '../call.ts';
import { listFor, manualEntry, readAddress, type SuppressionDeps } from './suppression-lists.ts';
import { suppressionBatchRoutes } from './suppressions-batch.ts';

const ORIGINS: readonly SuppressionOrigin[] = ['bounce', 'complaint', 'manual', 'unsubscribe'];

export function suppressionRoutes(deps: SuppressionDeps): readonly ApiRoute[] {
  return [
    ...suppressionBatchRoutes(deps),
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

const suppressionNotFound = () => notFound('Suppression not found');

/** A local part may have a slash; of one with `?` the HTTP API hands on what is before, which is no address. */
const readIdOrAddress = (text: string): string =>
  text.includes('@') ? readAddress(text) : readUuid(text, 'id');

function readOrigin(text: string | undefined): SuppressionOrigin | undefined {
  if (text === undefined) return undefined;
  const origin = ORIGINS.find((each) => each === text);
  if (origin !== undefined) return origin;
  throw invalidField('`origin` must be `bounce`, `complaint`, `manual` or `unsubscribe`.');
}
