import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { planReceive } from '../../../src/sqs/fair-queues/plan-receive.ts';
import {
  findNoise,
  type GroupState,
  QUIET_AFTER_MS,
  selectGroup,
} from '../../../src/sqs/fair-queues/select-group.ts';

const NOW = 1_000_000;
const aGroup = (group: string | undefined, overrides: Partial<GroupState> = {}): GroupState => ({
  ...{ group, nextSentAt: NOW - 1000, lastSentAt: NOW - 1000, inFlight: 0, processingMs: 0 },
  ...overrides,
});
const select = (groups: readonly GroupState[], isFair = true) => selectGroup({ groups, isFair }, NOW);

describe('the group whose message is next', () => {
  test('the oldest message is next while no group is noisy', () => {
    const groups = [aGroup('a'), aGroup('b', { nextSentAt: NOW - 5000 }), aGroup(undefined)];
    assert.deepEqual(select(groups), { kind: 'selected', group: 'b', reason: 'quiet' });
  });

  test('a quiet group is next although a noisy one waits longer', () => {
    const noisy = aGroup('n', { nextSentAt: 0, inFlight: 30 });
    assert.deepEqual(select([noisy, aGroup('q')]), { kind: 'selected', group: 'q', reason: 'quiet' });
  });

  test('a message without a group is next before a noisy one', () => {
    const noisy = aGroup('n', { nextSentAt: 0, processingMs: 500 });
    assert.deepEqual(select([noisy, aGroup(undefined)]), {
      kind: 'selected',
      group: undefined,
      reason: 'quiet',
    });
  });

  test('the noisy group with the fewest in flight is next where only noisy ones wait', () => {
    const groups = [aGroup('a', { inFlight: 60 }), aGroup('b', { inFlight: 31 })];
    assert.deepEqual(select(groups), { kind: 'selected', group: 'b', reason: 'noisy_in_flight' });
  });

  test('the oldest message is next with any noise where there is no fairness', () => {
    const noisy = aGroup('n', { nextSentAt: 0, inFlight: 300 });
    assert.deepEqual(select([noisy, aGroup('q')], false), {
      kind: 'selected',
      group: 'n',
      reason: 'oldest',
    });
  });

  test('no message is next where none waits', () => {
    const idle = { group: 'a', lastSentAt: NOW, inFlight: 3, processingMs: 5, nextSentAt: undefined };
    assert.deepEqual(select([idle]), { kind: 'none' });
  });
});

describe('a group is noisy', () => {
  const noise = (state: Partial<GroupState>, totals = { inFlight: 0, processingMs: 0 }) =>
    findNoise(aGroup('a', state), totals, NOW);

  for (const [what, actual, expected] of [
    [
      'a group is noisy with 30 in flight, more than a tenth',
      noise({ inFlight: 30 }, at(299)),
      'noisy_in_flight',
    ],
    ['a group is not noisy with 30 in flight, a tenth', noise({ inFlight: 30 }, at(300)), undefined],
    [
      'a group is not noisy with 29 in flight, though all are its own',
      noise({ inFlight: 29 }, at(29)),
      undefined,
    ],
    [
      'a group is noisy with more than a tenth of the time',
      noise({ processingMs: 11 }, at(0, 109)),
      'noisy_processing_time',
    ],
    ['a group is not noisy with a tenth of the time', noise({ processingMs: 10 }, at(0, 100)), undefined],
    [
      'a group is noisy no more once it sent nothing for five minutes',
      noise({ inFlight: 300, lastSentAt: NOW - QUIET_AFTER_MS }, at(300)),
      undefined,
    ],
  ] as const)
    test(what, () => assert.equal(actual, expected));

  function at(inFlight: number, processingMs = 0) {
    return { inFlight, processingMs };
  }
});

const groupStates = fc
  .uniqueArray(fc.option(fc.string({ minLength: 1, maxLength: 3 }), { nil: undefined }), { maxLength: 8 })
  .chain((names) =>
    fc.tuple(
      ...names.map((group) =>
        fc.record({
          group: fc.constant(group),
          nextSentAt: fc.option(fc.integer({ min: 0, max: NOW }), { nil: undefined }),
          lastSentAt: fc.integer({ min: NOW - 2 * QUIET_AFTER_MS, max: NOW }),
          inFlight: fc.nat(100),
          processingMs: fc.nat(1000),
        }),
      ),
    ),
  );

describe('selection, whatever the queue holds', () => {
  test('selection gives a message where one waits, and only from a group that has one', () => {
    fc.assert(
      fc.property(groupStates, fc.boolean(), (groups, isFair) => {
        const selection = select(groups, isFair);
        const waiting = groups.filter(({ nextSentAt }) => nextSentAt !== undefined);
        assert.equal(selection.kind === 'none', waiting.length === 0);
        if (selection.kind === 'selected') assert.ok(waiting.some(({ group }) => group === selection.group));
      }),
    );
  });

  test('selection never passes over a quiet group for a noisy one', () => {
    fc.assert(
      fc.property(groupStates, (groups) => {
        const selection = select(groups);
        if (selection.kind === 'none' || selection.reason === 'quiet') return;
        const total = (key: 'inFlight' | 'processingMs') => groups.reduce((sum, each) => sum + each[key], 0);
        const totals = { inFlight: total('inFlight'), processingMs: total('processingMs') };
        for (const each of groups)
          if (each.nextSentAt !== undefined) assert.notEqual(findNoise(each, totals, NOW), undefined);
      }),
    );
  });

  test('selection does not depend on the order of the groups where no two are alike', () => {
    fc.assert(
      fc.property(groupStates, fc.boolean(), (groups, isFair) => {
        const apart = groups.map((each, index) => ({
          ...each,
          ...(each.nextSentAt !== undefined && { nextSentAt: each.nextSentAt * 10 + index }),
        }));
        assert.deepEqual(select(apart, isFair), select(apart.toReversed(), isFair));
      }),
    );
  });
});

describe('what one receive hands out', () => {
  const waiting = (group: string | undefined, sentAts: readonly number[], inFlight = 0) => ({
    ...{ group, sentAts, inFlight, processingMs: 0, lastSentAt: NOW },
  });

  test('a receive mixes quiet groups in the order of their sending', () => {
    const groups = [waiting('a', [1, 4]), waiting('b', [2, 3]), waiting(undefined, [5])];
    assert.deepEqual(planReceive(groups, 10, true, NOW), ['a', 'b', 'b', 'a', undefined]);
  });

  test('a receive counts its messages as in flight', () => {
    const picks = planReceive([waiting('a', [1, 2, 3], 28), waiting('b', [9])], 4, true, NOW);
    assert.deepEqual(picks, ['a', 'a', 'b', 'a']);
  });

  test('a receive hands out no more messages than wait, nor than were asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 6 }), fc.integer({ min: 1, max: 10 }), (sizes, count) => {
        const groups = sizes.map((size, index) => waiting(String(index), Array(size).fill(index)));
        const picks = planReceive(groups, count, true, NOW);
        assert.equal(
          picks.length,
          Math.min(
            count,
            sizes.reduce((sum, size) => sum + size, 0),
          ),
        );
        for (const { group, sentAts } of groups)
          assert.ok(picks.filter((pick) => pick === group).length <= sentAts.length);
      }),
    );
  });
});
