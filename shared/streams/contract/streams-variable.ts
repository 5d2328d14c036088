import * as z from 'zod/mini';
import type { StreamsSettings } from '../stream-settings.ts';

const plan = z.union([
  z.object({ start: z.number(), growth: z.number(), target: z.number() }),
  z.array(z.number()),
]);
const optionalPlan = z.exactOptional(plan);

const guard = z.object({ bouncePercent: z.number(), complaintPercent: z.number() });

const stream = z.object({
  name: z.string(),
  kind: z.enum(['transactional', 'broadcast']),
  pool: z.enum(['shared', 'managed', 'standard']),
  ratePercent: z.number(),
  concurrency: z.number(),
  queueUrl: z.string(),
  configurationSet: z.string(),
  poolName: z.exactOptional(z.string()),
  sharedConfigurationSet: z.exactOptional(z.string()),
  overflowConfigurationSet: z.exactOptional(z.string()),
  warmUp: z.exactOptional(
    z.object({
      plan,
      providers: z.exactOptional(
        z.object({
          gmail: optionalPlan,
          microsoft: optionalPlan,
          yahoo: optionalPlan,
          apple: optionalPlan,
          rest: optionalPlan,
        }),
      ),
      waits: z.boolean(),
    }),
  ),
  keepDays: z.number(),
  suppressionScope: z.enum(['account', 'stream']),
  tracking: z.exactOptional(z.object({ opens: z.boolean(), clicks: z.boolean() })),
  unsubscribe: z.exactOptional(z.boolean()),
  guard,
  eventBus: z.exactOptional(z.boolean()),
});

const streamsSettings = z.object({
  defaultStream: z.string(),
  streams: z.array(stream).check(z.minLength(1)),
  eventBusName: z.exactOptional(z.string()),
  tenants: z.exactOptional(z.object({ dailyRecipients: z.exactOptional(z.number()), guard })),
});

/** Parses what the template says about streams; throws where it is not what this code knows. */
export const parseStreams = (text: string): StreamsSettings => streamsSettings.parse(JSON.parse(text));
