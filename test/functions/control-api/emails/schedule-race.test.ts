import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { cancelEmail } from '../../../../functions/control-api/emails/cancel-email.ts';
import { rescheduleEmail } from '../../../../functions/control-api/emails/reschedule-email.ts';
import { composeSendMessage } from '../../../../functions/send-message/compose-send-message.ts';
import { createMemoryGate } from '../../../../functions/send-message/memory-gate.ts';
import { ContractError } from '../../../../shared/base/contract/errors.ts';
import { createMessagesTable } from '../../../../shared/messages/adapters/messages-table.ts';
import type { SendJob } from '../../../../shared/messages/contract/queue-body.ts';
import type { Messages } from '../../../../shared/messages/ports.ts';
import { readEnglishTime } from '../../../../shared/runtime/english-time.ts';
import { createIds } from '../../../../shared/runtime/ids.ts';
import { type DueWork, dueIdOf } from '../../../../shared/scheduling/contract/due-rows.ts';
import { startDynalite } from '../../../support/aws/dynalite.ts';
import { inEveryOrder, type Turn } from '../../../support/base/interleavings.ts';
import { aMessage, anId, NOON } from '../../../support/messages/message-builders.ts';
import { emptyContent } from '../../../support/messages/sweep-world.ts';
import { freeToSend, uncounted } from '../../../support/sending/free-to-send.ts';
import { buildStreams } from '../../../support/streams/stream-builders.ts';

const HOUR_MS = 3_600_000;
const DUE = NOON + HOUR_MS;
const MINUTE_MS = 60_000;

const noObjects = {
  get: async () => undefined,
  put: async () => undefined,
  sizeOf: async () => undefined,
  signedUrl: async () => '',
};

type Answer = 'done' | 'already sent' | 'canceled';

interface Answers {
  cancel?: Answer;
  move?: Answer;
}

describe('a schedule moved, cancelled and due at the same instant, in every order', () => {
  let client: DynamoDBClient;
  let stop: () => Promise<void>;
  let messages: Messages;
  let tail = 0;

  before(async () => {
    ({ client, stop } = await startDynalite());
    messages = createMessagesTable({ client, tableName: 'messages', catalogTableName: 'catalog' });
  });
  after(() => stop());

  /** One scheduled message; the row is real, what is beside it is in memory. */
  async function aWorld() {
    tail += 1;
    const messageId = anId(NOON, tail);
    const row = aMessage({ messageId, status: 'scheduled', scheduledAtEpochMs: DUE });
    await messages.putMessageIfAbsent(row);
    const clock = { now: DUE, nowEpochMs: () => clock.now };
    const due: DueWork[] = [];
    const queue: { readonly job: SendJob; readonly dueEpochMs: number }[] = [];
    const sentAt: number[] = [];
    const enqueue = async (job: SendJob, delaySeconds = 0) =>
      void queue.push({ job, dueEpochMs: clock.now + delaySeconds * 1000 });
    return { messageId, clock, due, queue, sentAt, enqueue };
  }

  type World = Awaited<ReturnType<typeof aWorld>>;

  /** The port, each of whose operations on the row waits for its turn. */
  const inTurns = (turn: Turn): Messages => ({
    ...messages,
    getMessage: (...args) => turn(() => messages.getMessage(...args)),
    advance: (...args) => turn(() => messages.advance(...args)),
    claim: (...args) => turn(() => messages.claim(...args)),
    getContent: async () => emptyContent(),
    putContent: async () => undefined,
  });

  const aJob = (messageId: string): SendJob => ({
    ...{ version: 2, messageId, tenant: 'default', stream: 'transactional', waits: 0 },
    recipientDomains: ['example.net'],
    scheduledAtEpochMs: DUE,
    content: { kind: 'inline', content: { text: 'hi', headers: {}, attachments: [] } },
  });

  const send = (world: World, job: SendJob, turn: Turn) =>
    composeSendMessage({
      stores: {
        messages: inTurns(turn),
        objects: { get: async () => undefined, delete: async () => undefined },
        suppressions: { findSuppressed: async () => new Set() },
        queue: { enqueue: world.enqueue },
        dueRows: { put: async () => undefined, remove: async () => undefined },
        isOutage: () => false,
      },
      pace: freeToSend,
      mail: {
        ...uncounted,
        mailer: {
          send: async () => {
            world.sentAt.push(world.clock.now);
            return { kind: 'sent', sesMessageId: `ses-${world.sentAt.length}` };
          },
        },
      },
      limits: { leaseMs: 150_000, attemptMs: 1_000, messageKeepDays: 30 },
      memory: createMemoryGate(1_000, () => {}),
      streams: buildStreams(),
      ids: createIds(world.clock),
      jitter: () => 1,
      clock: world.clock,
      log: silent,
    })(job, { remainingMs: () => 60_000 });

  const cancel = (world: World, turn: Turn) =>
    answerOf(cancelEmail({ messages: inTurns(turn), clock: world.clock })(aCall(world, '')));

  const move = (world: World, toEpochMs: number, turn: Turn) => {
    const reschedule = rescheduleEmail({
      messages: inTurns(turn),
      objects: noObjects,
      region: 'us-east-1',
      dueRows: { put: async (rows) => void world.due.push(...rows.map(({ work }) => work)) },
      sendQueue: { enqueue: world.enqueue },
      fetchQueue: { enqueue: async () => undefined },
      readEnglishTime,
      clock: world.clock,
      settings: { messageKeepDays: 30, streams: buildStreams() },
    });
    const body = JSON.stringify({ scheduled_at: new Date(toEpochMs).toISOString() });
    return answerOf(reschedule(aCall(world, body)));
  };

  /** What the due rows and the queue still hold, each at its time. */
  async function letTimePass(world: World, toEpochMs: number): Promise<void> {
    const released = world.due.map((work) => {
      assert.equal(dueIdOf(work), world.messageId);
      return { job: work.job as SendJob, dueEpochMs: toEpochMs };
    });
    world.queue.push(...released);
    for (let next = world.queue.shift(); next !== undefined; next = world.queue.shift()) {
      world.clock.now = Math.max(world.clock.now, next.dueEpochMs);
      await send(world, next.job, (work) => work());
    }
  }

  async function assertOneOutcome(seen: {
    readonly world: World;
    readonly answers: Answers;
    readonly newTime: number;
    readonly order: string;
  }): Promise<void> {
    const { world, answers, newTime, order } = seen;
    const row = await messages.getMessage('default', world.messageId, { consistent: true });
    const isCanceled = answers.cancel === 'done';
    const refused = isCanceled ? 'canceled' : 'already sent';
    const sentAt = answers.move === 'done' ? newTime : DUE;
    assert.deepEqual(world.sentAt, isCanceled ? [] : [sentAt], order);
    assert.equal(row?.status, isCanceled ? 'canceled' : 'sent', order);
    assert.ok(isCanceled || answers.cancel === 'already sent', order);
    assert.ok(answers.move === 'done' || answers.move === refused, order);
  }

  for (const [title, aheadMs] of [
    ['to an hour later', HOUR_MS],
    ['to a few minutes later', 5 * MINUTE_MS],
    ['to this moment', 0],
  ] as const) {
    test(`a mail has one outcome, and every answer says which, when it is moved ${title} at its time`, {
      timeout: 120_000,
    }, async (t) => {
      const newTime = DUE + aheadMs;
      const orders = await inEveryOrder(async () => {
        const world = await aWorld();
        const answers: Answers = {};
        return {
          actors: {
            sender: (turn) => send(world, aJob(world.messageId), turn),
            canceler: async (turn) => {
              answers.cancel = await cancel(world, turn);
            },
            mover: async (turn) => {
              answers.move = await move(world, newTime, turn);
            },
          },
          async check(order) {
            await letTimePass(world, newTime);
            await assertOneOutcome({ world, answers, newTime, order });
          },
        };
      });
      t.diagnostic(`${orders} orders`);
      assert.ok(orders > 50);
    });
  }
});

const silent = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  count: () => undefined,
};

const aCall = ({ messageId }: { readonly messageId: string }, body: string) => ({
  claims: { apiKeyId: 'key', tenant: 'default', permission: 'full_access' as const },
  params: { id: messageId },
  query: {},
  headers: {},
  body,
});

async function answerOf(answer: Promise<unknown>): Promise<Answer> {
  try {
    await answer;
    return 'done';
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    assert.equal(error.problem.statusCode, 422);
    return error.message.includes('already sent') ? 'already sent' : 'canceled';
  }
}
