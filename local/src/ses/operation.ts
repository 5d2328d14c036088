import type { ServiceRequest, ServiceResponse } from '../gateway/service-call.ts';
import { jsonResponse, SesError } from './error.ts';

/** Answers one operation of SESv2, or throws the `SesError` that SES would answer with. */
export type SesOperation = (request: ServiceRequest) => ServiceResponse | Promise<ServiceResponse>;

export type SesOperations = Readonly<Record<string, SesOperation>>;

/** SESv2 answers most writes with an empty object. */
export const done = (): ServiceResponse => jsonResponse(200, {});

export function parseBody({ body }: Pick<ServiceRequest, 'body'>): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body.toString('utf8') || '{}') as Record<string, unknown>;
  } catch (cause) {
    throw new SesError('BadRequestException', 'The request body is not JSON', { cause });
  }
}

/**
 * Name in a path, after the part that says its kind: `…/dedicated-ips/192.0.2.1/pool` after `dedicated-ips`.
 */
export function nameAfter(part: string, url: string): string {
  const segments = (url.split('?')[0] ?? '').split('/');
  return decodeURIComponent(segments[segments.indexOf(part) + 1] ?? '');
}

export const queryOf = (url: string): URLSearchParams => new URLSearchParams(url.split(/\?(.*)/s)[1] ?? '');

const LARGEST_PAGE = 1000;

/** One page of a list; the token is where the next one begins. */
export function pageOf<T>(
  items: readonly T[],
  { PageSize, NextToken }: Readonly<Record<string, unknown>>,
): { readonly items: readonly T[]; readonly NextToken?: string } {
  const start = Number(NextToken ?? 0);
  const size = Number(PageSize ?? LARGEST_PAGE);
  if (!Number.isInteger(start) || start < 0 || start > items.length)
    throw new SesError('BadRequestException', 'The NextToken is invalid.');
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE)
    throw new SesError('BadRequestException', `PageSize must be from 1 to ${LARGEST_PAGE}.`);
  const end = start + size;
  return { items: items.slice(start, end), ...(end < items.length && { NextToken: String(end) }) };
}
