import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ScheduledEvent } from 'aws-lambda';
import { customResourceStack } from '../../../shared/runtime/custom-resource-stack.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { scheduledStack } from '../../../shared/runtime/scheduled-stack.ts';
import { aContext } from '../../support/aws/lambda-events.ts';

class StoreDownError extends Error {
  override readonly name = 'StoreDownError';
  readonly code = 'ECONNREFUSED';
}

const fail = () => Promise.reject(new StoreDownError('nobody@example.com cannot be looked up'));

function rememberingLogger() {
  const lines: string[] = [];
  const logged = () => lines.map((line) => JSON.parse(line));
  return { logged, lines, logger: createLogger('test', (line) => void lines.push(line)) };
}

const anEvent = {} as ScheduledEvent;

describe('scheduled stack', () => {
  test('a run is told how much time is left', async () => {
    const { lines, logger } = rememberingLogger();
    const times: number[] = [];
    const handler = scheduledStack(async (remainingMs) => void times.push(remainingMs()), logger);
    await handler(anEvent, { ...aContext(), getRemainingTimeInMillis: () => 42_000 });
    assert.deepEqual([times, lines], [[42_000], []]);
  });

  test('a run that fails is logged once, by class and code, and fails the invocation', async () => {
    const { lines, logged, logger } = rememberingLogger();
    await assert.rejects(async () => scheduledStack(fail, logger)(anEvent, aContext()), StoreDownError);
    const [line, ...others] = logged();
    assert.deepEqual([line.level, line.event, others], ['error', 'run_failed', []]);
    assert.deepEqual([line.error.class, line.error.code], ['StoreDownError', 'ECONNREFUSED']);
    assert.doesNotMatch(lines.join(), /example\.com/);
  });
});

describe('custom resource stack', () => {
  test('the request goes to its answer as it came', async () => {
    const { lines, logger } = rememberingLogger();
    const requests: unknown[] = [];
    const handler = customResourceStack(async (request) => void requests.push(request), logger);
    await handler({ RequestType: 'Create' }, aContext());
    assert.deepEqual([requests, lines], [[{ RequestType: 'Create' }], []]);
  });

  test('a request that goes unanswered is logged once and fails the invocation', async () => {
    const { logged, logger } = rememberingLogger();
    await assert.rejects(async () => customResourceStack(fail, logger)({}, aContext()), StoreDownError);
    const [line, ...others] = logged();
    assert.deepEqual(
      [line.level, line.event, line.error.class, others],
      ['error', 'custom_resource_unanswered', 'StoreDownError', []],
    );
  });
});
