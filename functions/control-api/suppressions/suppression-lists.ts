import type { ApiKeyClaims } from '../../../shared/access/api-key.ts';
import { invalidField } from '../../../shared/base/contract/errors.ts';
import type { Clock, Ids } from '../../../shared/base/ports.ts';
import { deliveryAddressOf, normaliseAddress, parseAddress } from '../../../shared/mail/address.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import { requireStream } from '../../../shared/submission/contract/send-stream.ts';
import type { SuppressionLists, Suppressions } from '../../../shared/suppressions/ports.ts';
import type { Suppression } from '../../../shared/suppressions/suppression.ts';
import { hasOwnList, streamScope, tenantScope } from '../../../shared/suppressions/suppression-scope.ts';

export interface SuppressionDeps {
  readonly suppressions: Pick<SuppressionLists, 'forScope'>;
  readonly streams: Streams;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** The tenant's list, or that of one of its streams, where streams have their own. */
export function listFor(
  { tenant }: ApiKeyClaims,
  stream: unknown,
  { suppressions, streams }: Pick<SuppressionDeps, 'suppressions' | 'streams'>,
): Suppressions {
  if (stream === undefined || stream === null) return suppressions.forScope(tenantScope(tenant));
  if (typeof stream !== 'string') throw invalidField('The `stream` field must be a string.');
  const found = requireStream(stream, streams);
  if (hasOwnList(found)) return suppressions.forScope(streamScope(tenant, found.name));
  throw invalidField(`The stream \`${found.name}\` has no list of its own; leave \`stream\` out.`);
}

export function manualEntry(
  address: string,
  { apiKeyId }: ApiKeyClaims,
  { clock, ids }: Pick<SuppressionDeps, 'clock' | 'ids'>,
): Suppression {
  return {
    suppressionId: ids.next(),
    address,
    origin: 'manual',
    createdAt: new Date(clock.nowEpochMs()).toISOString(),
    reason: `Added with the API key ${apiKeyId}`,
  };
}

/** The address as sending looks it up: normalised, and a test recipient as its mailbox at the simulator. */
export function readAddress(text: string): string {
  const parsed = parseAddress(text);
  if (parsed.kind === 'refused') throw invalidField(`The \`email\` field ${parsed.reason}.`);
  return normaliseAddress(deliveryAddressOf(text));
}
