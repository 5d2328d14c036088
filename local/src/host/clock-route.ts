import type { Clock } from './clock.ts';
import { asRecord, parseJson } from './json.ts';
import { type LocalRoute, localReply } from './local-routes.ts';

const LONGEST_ADVANCE_SECONDS = 10 * 366 * 86_400;

/** `POST /_local/clock {advanceSeconds}`: moves every clock forward and answers `{now}` in ISO 8601. */
export function createClockRoute(clock: Clock): LocalRoute {
  return {
    method: 'POST',
    path: '/_local/clock',
    handle: ({ body }) => {
      const seconds = readSeconds(body);
      if (seconds === undefined)
        return localReply(400, {
          message: `advanceSeconds must be a number from 0 to ${LONGEST_ADVANCE_SECONDS}`,
        });
      clock.advance(seconds);
      return localReply(200, { now: new Date(clock.now()).toISOString() });
    },
  };
}

function readSeconds(body: Buffer): number | undefined {
  const { advanceSeconds } = asRecord(parseJson(body));
  const isAllowed =
    typeof advanceSeconds === 'number' && advanceSeconds >= 0 && advanceSeconds <= LONGEST_ADVANCE_SECONDS;
  return isAllowed ? advanceSeconds : undefined;
}
