import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ContractError, notFound } from '../../../shared/base/contract/errors.ts';
import { type HttpRequest, httpStack } from '../../../shared/runtime/http-stack.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { sqsStack } from '../../../shared/runtime/sqs-stack.ts';
import { aContext, anHttpEvent, anSqsEvent, type RecordOverrides } from '../../support/aws/lambda-events.ts';

function rememberingLogger() {
  const lines: string[] = [];
  return { lines, logger: createLogger('test', (line) => void lines.push(line)) };
}

describe('http stack', () => {
  const call = async (
    event: Parameters<typeof anHttpEvent>[0],
    answer: (request: HttpRequest) => unknown = () => ({}),
  ) => {
    const { lines, logger } = rememberingLogger();
    const requests: HttpRequest[] = [];
    const handler = httpStack(async (request) => {
      requests.push(request);
      return { status: 200, body: await answer(request), headers: { 'x-a': '1' } };
    }, logger);
    const response = await handler(anHttpEvent(event), aContext());
    return { request: requests[0], response, body: JSON.parse(String(response.body)), lines };
  };

  test('hands over method, path, query, lower-cased headers and body', async () => {
    const { request, response } = await call({
      method: 'PATCH',
      rawPath: '//emails/a%2Bb',
      queryStringParameters: { limit: '5' },
      headers: { Authorization: 'Bearer x' },
      body: '{}',
    });
    assert.deepEqual(request, {
      method: 'PATCH',
      path: '//emails/a%2Bb',
      query: { limit: '5' },
      headers: { authorization: 'Bearer x' },
      body: '{}',
    });
    assert.deepEqual(response.headers, { 'content-type': 'application/json; charset=utf-8', 'x-a': '1' });
  });

  test('decodes a base64 body, and refuses one that is not UTF-8 when it is read', async () => {
    const utf8 = Buffer.from('"é"').toString('base64');
    assert.equal((await call({ body: utf8, isBase64Encoded: true })).request?.body, '"é"');
    const latin1 = Buffer.from('"é"', 'latin1').toString('base64');
    const event = { body: latin1, isBase64Encoded: true };
    const { body } = await call(event, (request) => request.body);
    assert.deepEqual([body.statusCode, body.name], [400, 'validation_error']);
    assert.equal((await call(event)).response.statusCode, 200);
  });

  test('answers a refusal as it stands and logs nothing', async () => {
    const { response, body, lines } = await call({}, () => {
      throw notFound('No such mail.');
    });
    assert.equal(response.statusCode, 404);
    assert.deepEqual(body, { statusCode: 404, name: 'not_found', message: 'No such mail.' });
    assert.deepEqual(lines, []);
  });

  test('answers any other failure as a 500 that tells nothing, and logs it', async () => {
    const { body, lines } = await call({}, () => {
      throw new TypeError('reader@example.org has no inbox');
    });
    assert.deepEqual([body.statusCode, body.name], [500, 'internal_server_error']);
    assert.ok(!JSON.stringify(body).includes('reader'));
    assert.equal(JSON.parse(lines[0] ?? '').error.cause.class, 'TypeError');
    assert.ok(!(lines[0] ?? '').includes('@'));
  });

  test('sends a page as it stands, that of a refusal too', async () => {
    const answers = [
      async () => ({ status: 200, html: '<p>"é"</p>', headers: { 'x-a': '1' } }),
      async () => {
        throw new ContractError(404, 'not_found', 'No.', { html: '<p>"é"</p>', headers: { 'x-a': '1' } });
      },
    ];
    const { logger } = rememberingLogger();
    for (const answer of answers) {
      const { headers, body } = await httpStack(answer, logger)(anHttpEvent(), aContext());
      assert.deepEqual(headers, { 'content-type': 'text/html; charset=utf-8', 'x-a': '1' });
      assert.equal(body, '<p>"é"</p>');
    }
  });

  test('sends the headers of a refusal', async () => {
    const { response } = await call({}, () => {
      throw new ContractError(503, 'application_error', 'Later.', { headers: { 'retry-after': '2' } });
    });
    assert.equal(response.headers?.['retry-after'], '2');
  });
});

describe('sqs stack', () => {
  const run = async (...records: readonly RecordOverrides[]) => {
    const { lines, logger } = rememberingLogger();
    const processed: unknown[] = [];
    const failures: { recordId: string; messageId?: string; reason: string; receiveCount: number }[] = [];
    const handler = sqsStack<{ n: number }>({
      queue: 'send',
      parse: (value) => {
        const { n } = value as { n: unknown };
        if (typeof n !== 'number') throw new TypeError('n is no number');
        return { n };
      },
      process: async ({ n }) => {
        if (n < 0) throw new RangeError('below zero');
        processed.push(n);
      },
      messageIdOf: ({ n }) => `message ${n}`,
      recordFailure: async (failure) => void failures.push(failure),
      afterBatch: [
        async () => {
          if (processed.includes(13)) throw new Error('unlucky');
        },
        async () => void processed.push('end'),
      ],
      clock: { nowEpochMs: () => 0 },
      logger,
    });
    const response = await handler(anSqsEvent(...records), aContext());
    const failed = response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    return { failed, processed, failures, lines };
  };

  test('fails one record and not its neighbours', async () => {
    const { failed, processed, failures } = await run(
      { body: '{"n":1}' },
      { body: '{"n":-1}' },
      { body: '{"n":2}' },
    );
    assert.deepEqual([failed, processed, failures], [['record-1'], [1, 2, 'end'], []]);
  });

  test('ends a batch once, and a failure there fails no record', async () => {
    const { failed, processed, lines } = await run({ body: '{"n":13}' }, { body: '{"n":2}' });
    assert.deepEqual([failed, processed], [[], [13, 2, 'end']]);
    assert.match(lines.join(), /batch_not_closed/);
  });

  test('keeps the reason of a record that cannot be parsed, each time it comes', async () => {
    const { failed, failures } = await run({ body: 'no json' }, { body: '{"n":"x"}' }, { body: 'null' });
    assert.deepEqual(failed, ['record-0', 'record-1', 'record-2']);
    assert.deepEqual(
      failures.map(({ recordId }) => recordId),
      failed,
    );
    assert.match(failures[1]?.reason ?? '', /UnreadableRecordError.*TypeError: n is no number/);
    assert.equal(failures[1]?.messageId, undefined);
  });

  test('keeps the reason of a failure only on the last delivery', async () => {
    assert.deepEqual((await run({ body: '{"n":-1}', receiveCount: 4 })).failures, []);
    const { failures, failed } = await run({ body: '{"n":-1}', receiveCount: 5 });
    assert.deepEqual([failed, failures[0]?.reason], [['record-0'], 'RangeError: below zero']);
    assert.equal(failures[0]?.messageId, 'message -1');
  });

  test('logs a failure without the record', async () => {
    const { lines } = await run({ body: '{"n":-1,"to":"reader@example.org"}' });
    assert.equal(lines.length, 1);
    assert.ok(!lines[0]?.includes('@'));
  });
});
