import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { aMail, request } from '../support/journeys/journey.ts';
import { startTestCloud, type TestCloud } from '../support/journeys/local-cloud.ts';

const RUNS = 400;

/** Values that no field expects, mixed with ones that it does. */
const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    'a@b',
    'a\r\nBcc: x@y.z',
    '\0',
    'ada@example.com',
    'Ada <ada@example.com>',
    '<>',
    '__proto__',
  ),
);
const hostileValue = fc.oneof(
  hostileText,
  fc.anything({ maxDepth: 3, withNullPrototype: false }),
  fc.array(hostileText),
);
const FIELDS = [
  'from',
  'to',
  'cc',
  'bcc',
  'reply_to',
  'subject',
  'html',
  'text',
  'headers',
  'tags',
  'attachments',
  'scheduled_at',
];

describe('hostile requests', () => {
  let cloud: TestCloud;
  before(async () => {
    cloud = await startTestCloud();
  });
  after(() => cloud.close());

  const isContractError = (answer: Awaited<ReturnType<typeof request>>) => {
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${JSON.stringify(answer.body)}`);
    assert.deepEqual(Object.keys(answer.body).sort(), ['message', 'name', 'statusCode']);
    assert.equal(answer.body.statusCode, answer.status);
  };

  test("any value in any field is taken or refused in the contract's shape, never a 5xx", {
    timeout: 120_000,
  }, async () => {
    const field = fc.constantFrom(...FIELDS);
    await fc.assert(
      fc.asyncProperty(field, hostileValue, async (name, value) => {
        const answer = await request(cloud, 'POST', '/emails', aMail({ [name]: value }));
        if (answer.status !== 200) isContractError(answer);
      }),
      { numRuns: RUNS },
    );
  });

  test('a body of any bytes is refused, and nothing is stored', { timeout: 120_000 }, async () => {
    const before = await request(cloud, 'GET', '/emails?limit=1');
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.constantFrom('/emails', '/emails/batch'),
        async (body, path) => {
          isContractError(await request(cloud, 'POST', path, body));
        },
      ),
      { numRuns: RUNS },
    );
    const after = await request(cloud, 'GET', '/emails?limit=1');
    assert.equal(newestOf(after), newestOf(before));
  });

  test('events, webhooks and counters take or refuse any parameter, id and body, never with a 5xx', {
    timeout: 120_000,
  }, async () => {
    const wanted = { endpoint: 'http://localhost:1/', events: ['domain.created'] };
    const made = (await request(cloud, 'POST', '/webhooks', wanted)).body.id;
    const id = fc.oneof(fc.constant(String(made)), urlText.map(encodeURIComponent));
    const eventId = fc.oneof(fc.constant(`msg_${'0'.repeat(27)}`), urlText.map(encodeURIComponent));
    const route = fc.oneof(
      fc.constantFrom(...ROUTES),
      // Never of the one that the others are about.
      urlText.map((text) => ['DELETE', `/webhooks/${encodeURIComponent(text)}`] as const),
      fc
        .tuple(fc.constantFrom(...ROUTES_OF_WEBHOOK), id)
        .map(([[verb, rest], of]) => [verb, `/webhooks/${of}${rest}`] as const),
      fc
        .tuple(fc.constantFrom(...ROUTES_OF_EVENT), id, eventId)
        .map(([[verb, rest], of, about]) => [verb, `/webhooks/${of}/events/${about}${rest}`] as const),
    );
    const query = fc.dictionary(fc.constantFrom(...PARAMETERS), urlText, { maxKeys: 3 });
    const body = fc.dictionary(fc.constantFrom(...BODY_FIELDS), hostileValue, { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(route, query, body, async ([verb, path], parameters, fields) => {
        const asked = `${path}?${new URLSearchParams(parameters)}`;
        const answer = await request(cloud, verb, asked, verb === 'GET' ? undefined : fields);
        if (answer.status >= 300) isContractError(answer);
      }),
      { numRuns: 2 * RUNS },
    );
  });

  test('the live tail begins, or answers in the shape of the contract, with any parameters', {
    timeout: 120_000,
  }, async () => {
    const query = fc.dictionary(fc.constantFrom('after', 'type', 'email_id'), urlText, { maxKeys: 2 });
    await fc.assert(
      fc.asyncProperty(query, async (parameters) => {
        const leave = new AbortController();
        const answer = await fetch(`${cloud.url}/event-log/stream?${new URLSearchParams(parameters)}`, {
          headers: { authorization: `Bearer ${cloud.apiKey}` },
          signal: leave.signal,
        });
        const { status } = answer;
        if (status === 200) return leave.abort();
        const body = (await answer.json()) as Record<string, unknown>;
        isContractError({ status, body, headers: answer.headers });
      }),
      { numRuns: RUNS },
    );
  });

  test('a link of unsubscribing that is not whole is a 404, as a page and in JSON', {
    timeout: 120_000,
  }, async () => {
    const token = fc.oneof(urlText, fc.base64String(), fc.webPath());
    const accept = fc.constantFrom('application/json', 'text/html', '*/*');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST'),
        token,
        accept,
        hostileText,
        async (method, text, wants, body) => {
          const answer = await fetch(`${cloud.url}/unsubscribe/${encodeURIComponent(text)}`, {
            ...{ method, headers: { accept: wants } },
            ...(method === 'GET' ? {} : { body }),
          });
          assert.equal(answer.status, 404, await answer.text());
          const type = wants === 'application/json' ? /^application\/json/ : /^text\/html/;
          assert.match(answer.headers.get('content-type') ?? '', type);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('any path answers in JSON', { timeout: 120_000 }, async () => {
    const method = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT');
    await fc.assert(
      fc.asyncProperty(method, fc.webPath(), async (verb, path) => {
        const answer = await request(cloud, verb, `/x${path}`);
        isContractError(answer);
      }),
      { numRuns: RUNS },
    );
  });
});

/** What a route of events, webhooks and counters can be asked for, mixed with what nobody would. */
const ANY_ID = '01a207d9-2101-7000-8000-000000000001';
const ROUTES = [
  ['GET', '/event-log'],
  ['GET', '/emails/metrics'],
  ['GET', '/webhooks'],
  ['POST', '/webhooks'],
] as const;
const ROUTES_OF_WEBHOOK = [
  ['GET', ''],
  ['PATCH', ''],
  ['GET', '/events'],
  ['POST', '/replay'],
  ['POST', '/signing-secret/rotate'],
] as const;
const ROUTES_OF_EVENT = [
  ['GET', ''],
  ['GET', '/attempts'],
  ['POST', '/replay'],
] as const;
const PARAMETERS = [
  ...['limit', 'after', 'before', 'type', 'email_id', 'timezone', 'granularity', 'metrics', 'dimensions'],
  ...['domain_id', 'broadcast_id', 'start_date', 'end_date'],
];
const WORDS = [
  ...[
    '',
    '1',
    '101',
    '-1',
    '1e3',
    'email.sent',
    'hourly',
    'period',
    'sent,delivered',
    'UTC',
    'Europe/Berlin',
  ],
  ...[
    ANY_ID,
    '2026-01-01',
    '2026-13-45',
    '-271821-04-20T00:00:00Z',
    '+275760-09-13',
    `msg_${'0'.repeat(27)}`,
  ],
];
const BODY_FIELDS = ['endpoint', 'events', 'status', 'from', 'until'];
/** Text that can stand in a URL: half a surrogate pair cannot. */
const urlText = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom(...WORDS));

/** Its state may move on meanwhile. */
const newestOf = ({ body }: Awaited<ReturnType<typeof request>>): string | undefined =>
  (body.data as { id: string }[])[0]?.id;
