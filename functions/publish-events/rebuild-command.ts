import * as z from 'zod/mini';
import type { Clock } from '../../shared/base/ports.ts';
import { OPERATOR_TENANT } from '../../shared/base/tenant-name.ts';
import type { RebuildAnswer, RebuildRequest } from './rebuild-log.ts';

interface RebuildCommandDeps {
  readonly rebuildLog: (request: RebuildRequest, remainingMs: () => number) => Promise<RebuildAnswer>;
  readonly clock: Clock;
}

const time = z
  .string()
  .check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'must be an ISO 8601 time'));

/** What `npm run rebuild-log` invokes the function with. */
const command = z.strictObject({
  command: z.literal('rebuild-log'),
  /** Of when messages were accepted. */
  from: time,
  until: z.exactOptional(time),
  tenant: z._default(z.string(), OPERATOR_TENANT),
  passOn: z._default(z.enum(['new', 'all']), 'new'),
});

/** @throws where the event is no such command */
export function createRebuildCommand({ rebuildLog, clock }: RebuildCommandDeps) {
  return async (event: unknown, remainingMs: () => number): Promise<object> => {
    const { from, until, tenant, passOn } = command.parse(event);
    const untilEpochMs = until === undefined ? clock.nowEpochMs() : Date.parse(until);
    const { nextFromEpochMs, ...answer } = await rebuildLog(
      { tenant, fromEpochMs: Date.parse(from), untilEpochMs, passOn },
      remainingMs,
    );
    return {
      ...answer,
      ...(nextFromEpochMs === undefined ? {} : { nextFrom: new Date(nextFromEpochMs).toISOString() }),
    };
  };
}
