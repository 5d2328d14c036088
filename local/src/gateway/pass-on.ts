import { withoutHop } from '../emulators/hop-headers.ts';
import type { HopRequest } from '../emulators/http-hop.ts';
import type { ServiceRequest, ServiceResponse } from './service-call.ts';

/** A call as an emulator gets it. */
export const toHop = ({ method, url, headers, body }: ServiceRequest): HopRequest => ({
  method,
  path: url,
  headers: withoutHop(headers),
  body,
});

/** Keeps the headers an SDK may read; the connection's own are this hop's. A HEAD tells the length of what it does not carry. */
export const passOn = (
  { method }: ServiceRequest,
  { status, headers, body }: ServiceResponse,
): ServiceResponse => ({
  status,
  headers: {
    ...withoutHop(headers),
    'content-length': method === 'HEAD' ? (headers['content-length'] ?? '0') : String(body.length),
  },
  body,
});
