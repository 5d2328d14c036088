/**
 * Send queue of one stream: claims each message by lease and gives it one attempt at SES. Delivered again, a record meets
 * the claim of its first delivery and sends nothing twice; what must wait comes back as a delayed copy.
 */
import { sendJob } from '../../shared/messages/contract/queue-body.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { sqsStack } from '../../shared/runtime/sqs-stack.ts';
import { wireSendMessage } from './wire-send-message.ts';

const logger = createLogger('send-message');
const environment = readEnvironment([
  'MESSAGES_TABLE_NAME',
  'CATALOG_TABLE_NAME',
  'SUPPRESSIONS_TABLE_NAME',
  'CONTENT_BUCKET_NAME',
  'STREAMS',
  'PUBLIC_URL',
  'MESSAGE_KEEP_DAYS',
  'FUNCTION_TIMEOUT_SECONDS',
]);
const { sendMessage, messages, afterBatch } = wireSendMessage(environment, logger);

export const handler = sqsStack({
  queue: 'send',
  parse: (value) => sendJob.parse(value),
  process: sendMessage,
  messageIdOf: ({ messageId }) => messageId,
  afterBatch,
  recordFailure: messages.putFailureRecord,
  clock: systemClock,
  logger,
});
