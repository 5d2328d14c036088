import type { HostedServices } from './hosted-service.ts';
import type { ServiceName } from './service-call.ts';
import type { ReadOperation, WireCall, WireRequest } from './wire-call.ts';

interface Reader {
  readonly service: ServiceName;
  readonly read: ReadOperation;
}

/** Signer of a call, and the service it is for. */
interface Credential {
  readonly accessKeyId: string;
  readonly signingName: string;
}

/** Reads caller, service and operation of SDK calls; undefined where a request is none (no AWS signature on it). */
export function createCallReader(services: HostedServices): (request: WireRequest) => WireCall | undefined {
  const readers = new Map<string, Reader>(
    Object.entries(services).flatMap(([service, { dialect }]) =>
      dialect.signingNames.map((name): [string, Reader] => [
        name,
        { service: service as ServiceName, read: dialect.readOperation },
      ]),
    ),
  );

  return (request) => {
    const [path = '', query = ''] = request.url.split(/\?(.*)/s);
    const parameters = query === '' ? NO_PARAMETERS : new URLSearchParams(query);
    const credential = readCredential(request.headers.authorization, parameters);
    const reader = readers.get(credential?.signingName ?? '');
    if (credential === undefined || reader === undefined) return undefined;
    const expiresAtMs = readExpiry(parameters);
    return {
      accessKeyId: credential.accessKeyId,
      service: reader.service,
      ...reader.read(request, path, parameters),
      ...(expiresAtMs !== undefined && { expiresAtMs }),
    };
  };
}

const NO_PARAMETERS = new URLSearchParams();

/** SigV4: `Credential=<key>/<date>/<region>/<service>/aws4_request`, in the header or, presigned, in the query. */
function readCredential(header: string | undefined, parameters: URLSearchParams): Credential | undefined {
  const credential = /Credential=([^,\s]+)/.exec(header ?? '')?.[1] ?? parameters.get('X-Amz-Credential');
  const [accessKeyId, , , signingName] = credential?.split('/') ?? [];
  return accessKeyId === undefined || signingName === undefined ? undefined : { accessKeyId, signingName };
}

/** `X-Amz-Date=20261123T101500Z` and `X-Amz-Expires=<seconds>` of a presigned URL. */
function readExpiry(parameters: URLSearchParams): number | undefined {
  const [signedAt, seconds] = [parameters.get('X-Amz-Date'), parameters.get('X-Amz-Expires')];
  if (signedAt === null || seconds === null) return undefined;
  const iso = signedAt.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  return Date.parse(iso) + Number(seconds) * 1000;
}
