/** Runs the send-message handler once, in a process of its own: standard input is the event, standard output the result. */

import { text } from 'node:stream/consumers';
import type { Context, SQSEvent } from 'aws-lambda';
import { handler } from '../../../functions/send-message/handler.ts';

const event = JSON.parse(await text(process.stdin)) as SQSEvent;
const startedAt = performance.now();
const timeoutMs = Number(process.env.FUNCTION_TIMEOUT_SECONDS) * 1000;
const context = {
  getRemainingTimeInMillis: () => Math.max(0, timeoutMs - (performance.now() - startedAt)),
} as Context;

const result: unknown = await handler(event, context);
const maxRssMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ result, maxRssMb, elapsedMs: performance.now() - startedAt })}\n`);
