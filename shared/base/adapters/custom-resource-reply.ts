import { setTimeout as wait } from 'node:timers/promises';
import type { CustomResourceResponse } from '../contract/custom-resource.ts';

const ATTEMPTS = 4;
const FIRST_WAIT_MS = 200;
const TIMEOUT_MS = 5_000;

/** Error that CloudFormation was not told; the invocation fails, and Lambda repeats it. */
class CustomResourceUnansweredError extends Error {
  override readonly name = 'CustomResourceUnansweredError';
  readonly permanent = false;
}

/** Replies by one PUT to the presigned URL; bytes, because the signature covers an empty content type. */
export async function replyToCloudFormation(url: string, response: CustomResourceResponse): Promise<void> {
  const body = Buffer.from(JSON.stringify(response));
  let cause: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await wait(FIRST_WAIT_MS * 2 ** attempt);
    try {
      const answer = await fetch(url, { method: 'PUT', body, signal: AbortSignal.timeout(TIMEOUT_MS) });
      await answer.arrayBuffer();
      if (answer.ok) return;
      cause = new Error(`HTTP ${answer.status}`);
    } catch (error) {
      cause = error;
    }
  }
  throw new CustomResourceUnansweredError('The response URL did not take the response.', { cause });
}
