import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { aMail, request } from '../support/journey.ts';
import { startTestCloud, type TestCloud } from '../support/local-cloud.ts';

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

  test('any bytes as a body are refused, and nothing is stored', { timeout: 120_000 }, async () => {
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

/** Its state may move on meanwhile. */
const newestOf = ({ body }: Awaited<ReturnType<typeof request>>): string | undefined =>
  (body.data as { id: string }[])[0]?.id;
