import { ContendedError } from '../../../shared/base/change.ts';
import type { AccountReading } from '../../../shared/pace/account-reading.ts';
import { EMPTY_PACE, type PaceState } from '../../../shared/pace/pace-state.ts';
import type { PaceStore } from '../../../shared/pace/ports.ts';
import { createPacer, type Pacer } from '../../../shared/pace/services/pacer.ts';
import type { PacedMail } from '../../../shared/pace/spacing.ts';
import type { Turn } from '../../../shared/pace/time-line.ts';
import { createChance, createVirtualTime, type VirtualTime } from '../base/virtual-time.ts';

interface StoreFake extends Pick<PaceStore, 'change'> {
  readonly counts: { reads: number; writes: number; conflicts: number };
  state(): PaceState;
}

/** Reads, decides and writes with time between each, so that workers get in each other's way. */
export function createStoreFake({ sleep }: VirtualTime, latencyMs: () => number): StoreFake {
  const counts = { reads: 0, writes: 0, conflicts: 0 };
  let stored = { version: 0, state: EMPTY_PACE };

  return {
    counts,
    state: () => stored.state,
    async change(decide) {
      for (let attempt = 0; attempt < 8; attempt++) {
        await sleep(latencyMs());
        const read = stored;
        counts.reads += 1;
        await sleep(latencyMs());
        const { answer, state } = decide(read.state);
        if (state === undefined) return answer;
        await sleep(latencyMs());
        counts.writes += 1;
        if (stored.version === read.version) {
          stored = { version: read.version + 1, state };
          return answer;
        }
        counts.conflicts += 1;
        await sleep(latencyMs() * (attempt + 1));
      }
      throw new ContendedError('The pace');
    },
  };
}

/** SES's limit taken strictly: no window of a second, wherever it begins, may hold more than the rate. */
function createStrictSes({ clock }: VirtualTime, maxSendRate: number) {
  const sent: { readonly atEpochMs: number; readonly stream: string; readonly mail: PacedMail }[] = [];
  let firstInWindow = 0;
  let inWindow = 0;
  let refused = 0;

  return {
    sent,
    refused: () => refused,
    send(stream: string, mail: PacedMail): void {
      const nowEpochMs = clock.nowEpochMs();
      for (
        let first = sent[firstInWindow];
        first && first.atEpochMs <= nowEpochMs - 1000;
        first = sent[firstInWindow]
      ) {
        inWindow -= first.mail.recipients;
        firstInWindow += 1;
      }
      if (inWindow + mail.recipients > maxSendRate) {
        refused += 1;
        return;
      }
      inWindow += mail.recipients;
      sent.push({ atEpochMs: nowEpochMs, stream, mail });
    },
  };
}

export interface PaceWorld {
  readonly time: VirtualTime;
  readonly chance: () => number;
  readonly store: StoreFake;
  readonly ses: ReturnType<typeof createStrictSes>;
  reading: AccountReading;
  openWorker(): Pacer;
}

export const START_EPOCH_MS = Date.UTC(2026, 10, 23, 12);

export function createPaceWorld(options: {
  readonly maxSendRate: number;
  readonly shares: Readonly<Record<string, number>>;
  readonly max24HourSend?: number;
  readonly seed?: number;
}): PaceWorld {
  const time = createVirtualTime(START_EPOCH_MS);
  const chance = createChance(options.seed ?? 1);
  const store = createStoreFake(time, () => 1 + Math.floor(chance() * 8));
  const { maxSendRate, max24HourSend = -1, shares } = options;
  let workers = 0;
  const world: PaceWorld = {
    time,
    chance,
    store,
    ses: createStrictSes(time, maxSendRate),
    reading: { maxSendRate, max24HourSend, sentLast24Hours: 0, readAtEpochMs: START_EPOCH_MS - 30_000 },
    openWorker: () => {
      workers += 1;
      return createPacer({
        store,
        accounts: { latest: async () => world.reading },
        shares,
        assumed: { maxSendRate: 1, max24HourSend: 200 },
        workerId: `worker-${workers}`,
        longestWaitMs: 10_000,
        clock: time.clock,
        sleep: time.sleep,
        jitter: chance,
      });
    },
  };
  return world;
}

interface QueuedMail {
  readonly mail: PacedMail;
  readonly addedAtEpochMs: number;
  /** How often it came back as a delayed copy, and why. */
  readonly waits: (Turn & { kind: 'later' })[];
}

/** A send queue: worked in batches of ten; a copy comes back when its delay is over. */
export function createMailQueue({ time }: PaceWorld, stream: string) {
  const ready: QueuedMail[] = [];
  let open = 0;
  let idle: (() => void)[] = [];
  const wakeIdle = () => {
    for (const wake of idle) wake();
    idle = [];
  };

  return {
    stream,
    add(mails: readonly PacedMail[]): void {
      for (const mail of mails) ready.push({ mail, addedAtEpochMs: time.clock.nowEpochMs(), waits: [] });
      open += mails.length;
      wakeIdle();
    },
    /** Something is ready, or nothing is left to come. */
    changed: () => new Promise<void>((wake) => idle.push(wake)),
    isEmpty: () => open === 0,
    nextBatch: () => ready.splice(0, 10),
    settle: () => {
      open -= 1;
      if (open === 0) wakeIdle();
    },
    async comeBack(queued: QueuedMail, turn: Turn & { kind: 'later' }): Promise<void> {
      queued.waits.push(turn);
      await time.sleep(turn.delaySeconds * 1000);
      ready.push(queued);
      wakeIdle();
    },
  };
}

export type MailQueue = ReturnType<typeof createMailQueue>;

interface WorkOptions {
  /** Until when it goes on although the queue is empty. */
  readonly untilEpochMs?: number;
  /** It dies in the middle of a batch then; its mails come back to the queue. */
  readonly diesAtEpochMs?: number;
  readonly onSent?: (queued: QueuedMail) => void;
}

/** One worker of a queue, until the queue is empty. */
export async function work(world: PaceWorld, queue: MailQueue, options: WorkOptions = {}): Promise<void> {
  const { time, ses, chance } = world;
  const { untilEpochMs = 0, diesAtEpochMs = Number.POSITIVE_INFINITY, onSent } = options;
  const pacer = world.openWorker();
  const isDead = () => time.clock.nowEpochMs() >= diesAtEpochMs;

  const send = async (queued: QueuedMail) => {
    const turn = await pacer.take(queue.stream, queued.mail);
    if (turn.kind === 'now') await time.sleep(turn.afterMs);
    if (isDead())
      return void queue.comeBack(queued, { kind: 'later', delaySeconds: 30, reason: 'send_rate' });
    if (turn.kind === 'later') return void queue.comeBack(queued, turn);
    ses.send(queue.stream, queued.mail);
    onSent?.(queued);
    queue.settle();
  };

  while (!isDead() && (!queue.isEmpty() || time.clock.nowEpochMs() < untilEpochMs)) {
    const batch = queue.nextBatch();
    if (batch.length === 0) {
      const leftMs = untilEpochMs - time.clock.nowEpochMs();
      await Promise.race([queue.changed(), ...(leftMs > 0 ? [time.sleep(leftMs)] : [])]);
      continue;
    }
    await Promise.all(batch.map(send));
    await time.sleep(10 + chance() * 20);
  }
}

export const mailsOf = (count: number, recipients: () => number = () => 1): PacedMail[] =>
  Array.from({ length: count }, () => ({ recipients: recipients() }));
