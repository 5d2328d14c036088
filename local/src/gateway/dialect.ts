import type { ServiceResponse } from './service-call.ts';
import type { ReadOperation } from './wire-call.ts';

type Refusal = readonly [status: number, code: string, message: string];

/** Way in which a service reads its calls, and words what it refuses. */
export interface Dialect {
  /** Names that SDKs sign with. */
  readonly signingNames: readonly string[];
  readonly readOperation: ReadOperation;
  /** An error in the service's protocol. */
  error(...refusal: Refusal): ServiceResponse;
  /** Status and code of a call that no policy allows. */
  readonly denied: readonly [status: number, code: string];
  /** Code for an access key that it never gave out. */
  readonly unrecognised: string;
  /** Refusal that says "too much". */
  readonly throttled: Refusal;
  /** Code of its own failure. */
  readonly failed: string;
}

/** Codes that most services of the JSON protocols have in common. */
export const JSON_CODES = {
  denied: [403, 'AccessDeniedException'],
  unrecognised: 'UnrecognizedClientException',
  failed: 'InternalFailure',
} as const satisfies Partial<Dialect>;

export const accessDenied = ({ error, denied }: Dialect, message: string): ServiceResponse =>
  error(...denied, message);

export const throttled = ({ error, throttled: refusal }: Dialect): ServiceResponse => error(...refusal);

export const internalError = ({ error, failed }: Dialect): ServiceResponse =>
  error(500, failed, 'Internal server error');
