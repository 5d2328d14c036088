import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { disturbBus } from '../../src/events/disturbed-bus.ts';
import { createFaults } from '../../src/gateway/faults.ts';

describe('faults of the event bus', () => {
  const cases: readonly [rule: object, isDone: boolean, fails: boolean][] = [
    [{ fault: 'throttle' }, false, true],
    [{ fault: 'error' }, false, true],
    [{ fault: 'latency', ms: 5 }, true, false],
    [{ fault: 'reply-lost' }, true, true],
    [{ fault: 'crash', when: 'before' }, false, true],
    [{ fault: 'crash', when: 'after' }, true, true],
  ];
  for (const [rule, isDone, fails] of cases)
    test(`the fault ${JSON.stringify(rule)} hits once and ${isDone ? 'hands the event on' : 'loses the event'}`, async () => {
      const faults = createFaults();
      faults.set([{ service: 'events', operation: 'PutEvents', count: 1, ...rule }]);
      const published: string[] = [];
      const bus = disturbBus<string>({ publish: (event) => void published.push(event) }, faults);
      const outcome = Promise.resolve(bus.publish('one'));
      await (fails ? assert.rejects(outcome) : outcome);
      await bus.publish('two');
      assert.deepEqual(published, isDone ? ['one', 'two'] : ['two']);
      assert.equal(faults.list()[0]?.hits, 1);
    });
});
