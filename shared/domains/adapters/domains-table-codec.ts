import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import { IDENTITY_CHECKS, type SendingDomain } from '../sending-domain.ts';

const check = z.enum(IDENTITY_CHECKS);
const dnsResult = z.enum(['right', 'wrong', 'missing']);

const domainRow = z.object({
  item: z.string(),
  name: z.string(),
  createdAt: z.string(),
  isAdopted: z.boolean(),
  mailFromDomain: z.string(),
  settings: z.object({
    openTracking: z.boolean(),
    clickTracking: z.boolean(),
    tls: z.enum(['opportunistic', 'enforced']),
    isSendingEnabled: z.boolean(),
    trackingSubdomain: z.exactOptional(z.string()),
  }),
  isVerifyAsked: z.boolean(),
  identity: z.exactOptional(
    z.object({
      isVerifiedForSending: z.boolean(),
      verification: check,
      dkim: check,
      dkimTokens: z.array(z.string()),
      dkimZone: z.string(),
      mailFrom: z.exactOptional(z.object({ domain: z.string(), check })),
    }),
  ),
  identityReadAtEpochMs: z.number(),
  dns: z.record(
    z.string(),
    z.object({
      result: z.union([dnsResult, z.literal('unknown')]),
      found: z.array(z.string()),
      known: z.exactOptional(dnsResult),
    }),
  ),
});

export const domainKey = (owner: string, domainId: string) => ({
  collection: CATALOG_COLLECTIONS.domains,
  item: `${owner}#${domainId}`,
});

export function toDomain(row: Record<string, unknown>): SendingDomain {
  const { item, ...rest } = domainRow.parse(row);
  const hash = item.lastIndexOf('#');
  return { owner: item.slice(0, hash), domainId: item.slice(hash + 1), ...rest };
}

export const fromDomain = ({ owner, domainId, ...rest }: SendingDomain) =>
  marshall({ ...domainKey(owner, domainId), ...rest }, { removeUndefinedValues: true });
