import type { Assembly } from '../assembly/assembly.ts';
import type { Fauxqs } from '../emulators/fauxqs.ts';
import type { HostedService } from '../gateway/hosted-service.ts';
import { toHop } from '../gateway/pass-on.ts';
import type { Clock } from '../host/clock.ts';
import { S3_DIALECT } from './dialect.ts';
import { isTooLarge, putInParts } from './large-object.ts';
import { createObjectExpiry } from './object-expiry.ts';
import { listPermission, s3Permissions } from './permissions.ts';
import { s3Usage } from './usage.ts';

interface S3ServiceOptions {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly emulator: Pick<Fauxqs, 'hop' | 'server'>;
}

const READS = new Set(['GetObject', 'HeadObject']);

/** S3 with the template's buckets. */
export function createS3Service({ assembly, clock, emulator }: S3ServiceOptions): HostedService {
  const { hop, server } = emulator;
  for (const bucket of assembly.byType('AWS::S3::Bucket')) server.createBucket(bucket.physicalId);
  const expire = createObjectExpiry(assembly, clock, hop);

  return {
    dialect: S3_DIALECT,
    backend: async (request, { bucket = '', key = '' }) => {
      const onward = toHop(request);
      if (request.operation === 'PutObject' && isTooLarge(onward))
        return { response: await putInParts(hop, onward) };
      const response = await hop.send(onward);
      return { response: READS.has(request.operation) ? await expire(bucket, key, response) : response };
    },
    permissionsOf: s3Permissions,
    // S3 tells a caller without the right to list that a key is forbidden, not that it is missing: API reference, GetObject.
    concealedBy: ({ bucket = '' }, { method }, { response }) =>
      response.status === 404 && (method === 'GET' || method === 'HEAD') ? listPermission(bucket) : undefined,
    usageOf: ({ operation }, { response }) => (response.status < 400 ? s3Usage(operation) : []),
    routes: [],
    close: () => {},
  };
}
