import type { Json } from '../host/json.ts';
import type { ServiceName } from './service-call.ts';

export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Facts that the shape of a request tells. */
export interface ServiceCall {
  readonly operation: string;
  /** The request body as JSON, or the form fields of a query protocol. */
  readonly input: Json;
  /** S3: `bucket` and `key` of the path. */
  readonly bucket?: string;
  readonly key?: string;
  /** CopyObject: `<bucket>/<key>` that is read. */
  readonly copySource?: string;
}

/** Facts that the signature tells besides. */
export interface WireCall extends ServiceCall {
  readonly accessKeyId: string;
  readonly service: ServiceName;
  /** Epoch milliseconds at which a presigned call ends. */
  readonly expiresAtMs?: number;
}

/** The operation of a call that the shape of the request does not tell. */
export const UNKNOWN_OPERATION = 'Unknown';

/** @param path without its query */
export type ReadOperation = (request: WireRequest, path: string, query: URLSearchParams) => ServiceCall;
