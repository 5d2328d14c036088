import { Duration } from 'aws-cdk-lib';
import { defineFunction } from '../constructs/functions/function-definition.ts';
import { streamsVariable } from '../constructs/functions/streams-variable.ts';

/** The function that speaks to hosts that strangers name: it reads nothing of ours, and writes one prefix. */
export const fetchAttachments = defineFunction({
  name: 'fetch-attachments',
  /** Room for two copies of the largest file. */
  memoryMb: 512,
  /** Time-out: 25 s for the files of a message, and time to store them. */
  timeout: Duration.seconds(60),
  environment: (parts) => ({
    CONTENT_BUCKET_NAME: parts.store.content.bucketName,
    STREAMS: streamsVariable(parts),
  }),
  queues: ({ attachmentQueue }) => [attachmentQueue],
  grants: ({ store: { grants }, streams }) => [streams.sendGrant, grants.objects('s3:PutObject', 'fetched')],
});
