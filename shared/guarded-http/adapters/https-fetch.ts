import { promises as dns } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { addressProblem, attachmentUrlProblem } from '../public-address.ts';
import { type FetchOutcome, judgeStatus, MAX_REDIRECTS, type RemoteFiles } from '../remote-file.ts';
import { type ConnectionRules, failureOf, guardedRequest } from './guarded-request.ts';

/** Rules of where a connection may go. Production uses `PUBLIC_INTERNET`. */
export interface HttpsFetchRules extends ConnectionRules {
  readonly urlProblem: (url: string) => string | undefined;
}

export const PUBLIC_INTERNET: HttpsFetchRules = {
  resolve: (hostname) => dns.lookup(hostname, { all: true }),
  addressProblem,
  urlProblem: attachmentUrlProblem,
};

interface Limits {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

type Failure = Extract<FetchOutcome, { kind: 'failed' }>;
type Step = FetchOutcome | { readonly kind: 'redirect'; readonly url: string };

const REQUEST = {
  method: 'GET',
  headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'Postlane' },
} as const;

/**
 * Fetches by GET over HTTPS from public addresses only (`guarded-request.ts`). Each redirect is judged like
 * the first URL.
 */
export function createHttpsFetch(rules: HttpsFetchRules): RemoteFiles {
  return {
    async fetch(url, limits) {
      let current = url;
      for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
        const step = await fetchOnce(current, limits, rules);
        if (step.kind !== 'redirect') return step;
        current = step.url;
      }
      return permanently(`it redirects more than ${MAX_REDIRECTS} times`);
    },
  };
}

async function fetchOnce(url: string, limits: Limits, rules: HttpsFetchRules): Promise<Step> {
  const problem = rules.urlProblem(url);
  if (problem !== undefined) return permanently(`its URL ${problem}`);
  const target = new URL(url);
  try {
    const answer = await guardedRequest(target, REQUEST, rules, limits.signal);
    if (answer.kind === 'refused') return permanently(answer.reason);
    return await readAnswer(answer.response, target, limits);
  } catch (error) {
    return { kind: 'failed', ...failureOf(error, limits.signal) };
  }
}

async function readAnswer(response: IncomingMessage, from: URL, limits: Limits): Promise<Step> {
  try {
    const judgement = judgeStatus(response.statusCode ?? 0);
    if (judgement.kind === 'redirect') return redirectOf(response, from);
    if (judgement.kind === 'failed') return { ...judgement, reason: statusReason(response) };
    return await readBody(response, limits.maxBytes);
  } finally {
    response.destroy();
  }
}

function redirectOf(response: IncomingMessage, from: URL): Step {
  const location = URL.parse(response.headers.location ?? '', from.href);
  if (response.headers.location === undefined || location === null) {
    return permanently('it redirects to nowhere');
  }
  return { kind: 'redirect', url: location.href };
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<FetchOutcome> {
  const tooLarge = permanently('with it the message would be larger than 40 MB after base64 encoding');
  // We asked for none; what a server compresses all the same is not the file that was meant.
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return permanently('the server answered with a content encoding');
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) return tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return tooLarge;
    chunks.push(chunk);
  }
  return { kind: 'fetched', body: Buffer.concat(chunks), contentType: response.headers['content-type'] };
}

function statusReason(response: IncomingMessage): string {
  return `the server answered with status ${response.statusCode}`;
}

function permanently(reason: string): Failure {
  return { kind: 'failed', permanent: true, reason };
}
