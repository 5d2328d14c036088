import { Duration } from 'aws-cdk-lib';

/** API Gateway waits 30 s for an answer; a function that goes on after that works for nobody. */
const WITHIN_API_GATEWAY = Duration.seconds(28);

/** How long each function may run; queues derive their visibility time-outs from these. */
export const TIMEOUTS = {
  acceptMessage: WITHIN_API_GATEWAY,
  controlApi: WITHIN_API_GATEWAY,
  /** 25 s for the files of a message, and time to store them. */
  fetchAttachments: Duration.seconds(60),
  /** A batch of ten mails of 40 MB, one after the other. */
  sendMessage: Duration.seconds(120),
  recordEvent: Duration.seconds(30),
  sweep: Duration.seconds(55),
  createBootstrapKey: Duration.seconds(30),
} as const;
