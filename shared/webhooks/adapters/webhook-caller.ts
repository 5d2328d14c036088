import type { IncomingMessage } from 'node:http';
import { defined } from '../../base/defined.ts';
import {
  type ConnectionRules,
  failureOf,
  guardedRequest,
} from '../../guarded-http/adapters/guarded-request.ts';
import { createPublicNames } from '../../guarded-http/adapters/public-names.ts';
import { addressProblem, isLocalEndpoint, webhookUrlProblem } from '../../guarded-http/public-address.ts';
import type { CallOutcome, WebhookCaller } from '../webhook-call.ts';

/** Rules of where a webhook may go. Production uses `publicEndpoints`. */
export interface WebhookRules extends ConnectionRules {
  /** Reason why it may not be called, as the end of "its URL …". */
  readonly urlProblem: (url: string) => string | undefined;
}

/** @param isLocalAllowed `http` to `127.0.0.1` or `localhost` as well; the local cloud alone says so */
export const publicEndpoints = ({ isLocalAllowed }: { readonly isLocalAllowed: boolean }): WebhookRules => ({
  resolve: createPublicNames(),
  addressProblem,
  urlProblem: (url) => webhookUrlProblem(url, { isLocalAllowed }),
});

/**
 * Rules for this machine: no server is asked what `localhost` is, and nothing else is asked of this machine.
 */
const THIS_MACHINE: ConnectionRules = {
  resolve: async () => [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ],
  addressProblem: () => undefined,
};

const KEPT_BYTES = 1024;
/** Time for the text of an answer: one whose status is known is an answer, also when its text is slow. */
const BODY_LIMIT_MS = 1_000;

/**
 * Calls by POST to public addresses only (`guarded-request.ts`). Redirects are not followed: a redirect is no
 * success.
 */
export function createWebhookCaller(rules: WebhookRules): WebhookCaller {
  return {
    async call({ endpoint, headers, body, timeLimitMs }) {
      const problem = rules.urlProblem(endpoint);
      if (problem !== undefined) return { kind: 'failed', permanent: true, reason: `its URL ${problem}` };
      const target = new URL(endpoint);
      const signal = AbortSignal.timeout(timeLimitMs);
      const request = { method: 'POST', headers: { ...headers, ...headersOf(body) }, body } as const;
      try {
        const answer = await guardedRequest(target, request, connectionRulesOf(target, rules), signal);
        if (answer.kind === 'refused') return { kind: 'failed', permanent: true, reason: answer.reason };
        return await readAnswer(answer.response);
      } catch (error) {
        return { kind: 'failed', ...failureOf(error, signal), ...(signal.aborted ? { isLate: true } : {}) };
      }
    },
  };
}

/** Rules of a URL that was judged: one of this machine comes only from where those are allowed. */
const connectionRulesOf = (target: URL, rules: WebhookRules): ConnectionRules =>
  isLocalEndpoint(target) ? THIS_MACHINE : rules;

const headersOf = (body: string): Readonly<Record<string, string>> => ({
  accept: '*/*',
  'accept-encoding': 'identity',
  'content-type': 'application/json',
  'content-length': String(Buffer.byteLength(body)),
  'user-agent': 'Postlane-Webhooks/1.0',
});

async function readAnswer(response: IncomingMessage): Promise<CallOutcome> {
  const retryAfter = response.headers['retry-after'];
  const body = await readStart(response);
  return {
    kind: 'answered',
    status: response.statusCode ?? 0,
    body,
    ...defined({ retryAfter }),
  };
}

/** Reads the text as far as it comes; what goes wrong on the way takes nothing from the status. */
async function readStart(response: IncomingMessage): Promise<string> {
  const limit = setTimeout(() => response.destroy(), BODY_LIMIT_MS);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= KEPT_BYTES) break;
    }
  } catch {
    // It was cut off: what has come is what there is.
  } finally {
    clearTimeout(limit);
    response.destroy();
  }
  return textOf(Buffer.concat(chunks).subarray(0, KEPT_BYTES));
}

/** Text of bytes. A character that the limit has cut in two is left out. */
const textOf = (bytes: Buffer): string => new TextDecoder().decode(bytes, { stream: true });
