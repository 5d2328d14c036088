/**
 * The only error names that may be sent: the closed list of the official Node SDK. Other SDKs fail to read, or take for
 * a success, an error of any other name.
 */
export const ERROR_NAMES = [
  'invalid_idempotency_key',
  'validation_error',
  'missing_api_key',
  'restricted_api_key',
  'invalid_api_key',
  'not_found',
  'method_not_allowed',
  'invalid_idempotent_request',
  'concurrent_idempotent_requests',
  'invalid_attachment',
  'invalid_from_address',
  'invalid_access',
  'invalid_parameter',
  'invalid_region',
  'missing_required_field',
  'monthly_quota_exceeded',
  'daily_quota_exceeded',
  'rate_limit_exceeded',
  'security_error',
  'application_error',
  'internal_server_error',
] as const;

type ErrorName = (typeof ERROR_NAMES)[number];

/** The body of every answer that is not a success. */
interface Problem {
  readonly statusCode: number;
  readonly name: ErrorName;
  readonly message: string;
}

/** Answer of a use case; `body` is sent as JSON. */
export interface ContractResponse {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer for people, sent as it stands. */
export interface PageResponse {
  readonly status: number;
  readonly html: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal that is answered as it stands. */
export class ContractError extends Error {
  readonly problem: Problem;
  /** Headers sent beside the body, by lower-cased name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Page that is shown in place of the problem where a person asks. */
  readonly html: string | undefined;
  /** True unless the status is 429 or 5xx: only then can the same request succeed later. */
  readonly permanent: boolean;

  constructor(
    statusCode: number,
    name: ErrorName,
    message: string,
    options: { headers?: Readonly<Record<string, string>>; html?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'ContractError';
    this.problem = { statusCode, name, message };
    this.headers = options.headers ?? {};
    this.html = options.html;
    this.permanent = statusCode < 500 && statusCode !== 429;
  }
}

/** Error 422: a field is there and wrong. */
export function invalidField(message: string): ContractError {
  return new ContractError(422, 'validation_error', message);
}

/** Error 422, in the contract's words. */
export function missingField(field: string): ContractError {
  return new ContractError(422, 'missing_required_field', `Missing \`${field}\` field.`);
}

/** Error 400: the request as a whole cannot be read. */
export function malformedRequest(message: string, cause: unknown): ContractError {
  return new ContractError(400, 'validation_error', message, { cause });
}

export function notFound(message: string): ContractError {
  return new ContractError(404, 'not_found', message);
}

/** @param allowed what the path does take */
export function methodNotAllowed(method: string, allowed: readonly string[]): ContractError {
  const methods = allowed.join(', ');
  const message = `${method} is not allowed here; this endpoint takes ${methods}.`;
  return new ContractError(405, 'method_not_allowed', message, { headers: { allow: methods } });
}

/** Error 503: nothing was stored and nothing will be done for this request. */
export function unavailable(message: string, cause: unknown): ContractError {
  const headers = { 'retry-after': '2' };
  return new ContractError(503, 'application_error', message, { headers, cause });
}

/** Error 500: it failed, and what it did before is not known. */
export function internalError(message: string, cause: unknown): ContractError {
  return new ContractError(500, 'internal_server_error', message, { cause });
}

export function responseOf({ problem, html, headers }: ContractError): ContractResponse | PageResponse {
  const status = problem.statusCode;
  return html === undefined ? { status, body: problem, headers } : { status, html, headers };
}
