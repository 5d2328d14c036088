import type { ServiceName } from '../service-call.ts';
import type { Context } from './statement.ts';

/** One permission that a call needs. */
export interface NeededPermission {
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

export interface CallToAuthorise {
  readonly service: ServiceName;
  readonly operation: string;
  /** The request body as JSON, or the form fields of a query protocol. */
  readonly input: Readonly<Record<string, unknown>>;
  /** S3: `bucket` and `key` of the path. */
  readonly bucket?: string;
  readonly key?: string;
  readonly copySource?: string;
}
