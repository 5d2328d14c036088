import { Duration } from 'aws-cdk-lib';
import type { FunctionName } from '../shared/resources.ts';

/** API Gateway waits 30 s for an answer; a function that goes on after that works for nobody. */
const WITHIN_API_GATEWAY = Duration.seconds(28);

/** How long each function may run; queues derive their visibility time-outs from these. */
export const TIMEOUTS = {
  'accept-message': WITHIN_API_GATEWAY,
  'control-api': WITHIN_API_GATEWAY,
  /** 25 s for the files of a message, and time to store them. */
  'fetch-attachments': Duration.seconds(60),
  /** A batch of ten mails of 40 MB, one after the other. */
  'send-message': Duration.seconds(120),
  'record-event': Duration.seconds(30),
  'publish-events': Duration.seconds(60),
  sweep: Duration.seconds(55),
  /** A shard of a minute that has a million mails: 16,000 rows in 1,600 requests. */
  'release-due': Duration.seconds(60),
  /** A call of 15 s, and everything before and after it while the stores are slow. */
  'deliver-webhook': Duration.seconds(60),
  /** Then viewers come back by themselves, and those that have gone without a word have let go of their place. */
  'tail-events': Duration.minutes(5),
  'create-bootstrap-key': Duration.seconds(30),
} as const satisfies Record<FunctionName, Duration>;
