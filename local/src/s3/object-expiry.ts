import type { Assembly } from '../assembly/assembly.ts';
import type { Hop } from '../emulators/http-hop.ts';
import type { ServiceResponse } from '../gateway/service-call.ts';
import type { Clock } from '../host/clock.ts';
import { S3_DIALECT } from './dialect.ts';

interface LifecycleRule {
  readonly Status?: string;
  readonly Prefix?: string;
  readonly ExpirationInDays?: number | string;
}
interface BucketProperties {
  readonly LifecycleConfiguration?: { readonly Rules?: readonly LifecycleRule[] };
}

const DAY_MS = 86_400_000;

/** A read of an object whose lifecycle rule has ended it answers that there is none, and removes it. */
type ExpireObject = (bucket: string, key: string, response: ServiceResponse) => Promise<ServiceResponse>;

/** S3's expiration by lifecycle rule over an emulator without it. */
export function createObjectExpiry(assembly: Assembly, clock: Clock, hop: Hop): ExpireObject {
  const rulesOf = new Map(
    assembly
      .byType('AWS::S3::Bucket')
      .map(({ physicalId, properties }) => [physicalId, expirationsOf(properties as BucketProperties)]),
  );

  return async (bucket, key, response) => {
    const modifiedMs = Date.parse(response.headers['last-modified'] ?? '');
    const rules = (rulesOf.get(bucket) ?? []).filter(({ prefix }) => key.startsWith(prefix));
    if (!rules.some(({ days }) => endOf(modifiedMs, days) <= clock.now())) return response;
    const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
    await hop.send({ method: 'DELETE', path, headers: {}, body: Buffer.alloc(0) });
    return S3_DIALECT.error(404, 'NoSuchKey', 'The specified key does not exist.');
  };
}

function expirationsOf({ LifecycleConfiguration }: BucketProperties) {
  const rules = LifecycleConfiguration?.Rules ?? [];
  return rules
    .filter(({ Status, ExpirationInDays }) => Status === 'Enabled' && ExpirationInDays !== undefined)
    .map(({ Prefix, ExpirationInDays }) => ({ prefix: Prefix ?? '', days: Number(ExpirationInDays) }));
}

/** S3 rounds the end up to the next midnight UTC (S3 user guide, "Lifecycle configuration elements"). */
const endOf = (modifiedMs: number, days: number): number =>
  Math.ceil((modifiedMs + days * DAY_MS) / DAY_MS) * DAY_MS;
