import type { ApiKeyClaims } from '../../shared/access/api-key.ts';
import { type ContractResponse, invalidField, missingField } from '../../shared/base/contract/errors.ts';
import { parseJson } from '../../shared/base/contract/parse-json.ts';
import type { Params, Route } from './router.ts';

/** A request whose bearer is known and may make it. */
export interface Call {
  readonly claims: ApiKeyClaims;
  readonly params: Params;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Answer = (call: Call) => Promise<ContractResponse>;
export type ApiRoute = Route<Answer>;

export const ok = (body: object): ContractResponse => ({ status: 200, body });
export const created = (body: object): ContractResponse => ({ status: 201, body });

/** The value of a `{name}` segment; the route's pattern has it. */
export const param = (call: Pick<Call, 'params'>, name: string): string => call.params[name] ?? '';

/** The fields of a JSON object; no body at all has none. Fields that no route asks for are ignored. */
export function readFields(body: string): Readonly<Record<string, unknown>> {
  const value = body.trim() === '' ? {} : parseJson(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidField('The request body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

/** @throws ContractError 422 where it is missing, empty or no text */
export function requireText(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (value === undefined || value === null || value === '') throw missingField(name);
  if (typeof value !== 'string') throw invalidField(`The \`${name}\` field must be a string.`);
  return value;
}
