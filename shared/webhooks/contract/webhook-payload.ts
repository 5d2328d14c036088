import type { WebhookJob } from './webhook-job.ts';

/** An event as its endpoints get it: the same text for every attempt. */
export const webhookBodyOf = ({ type, createdAt, data }: WebhookJob['event']): string =>
  JSON.stringify({ type, created_at: createdAt, data });
