import type { WebhookJob, WebhookQueueJob } from '../../../shared/webhooks/contract/webhook-job.ts';
import type { Webhook } from '../../../shared/webhooks/webhook.ts';
import type { CallOutcome, WebhookCall } from '../../../shared/webhooks/webhook-call.ts';
import { createChance, type VirtualTime } from '../base/virtual-time.ts';
import { answered, aWebhookJob, createWebhookWorld, noAnswer } from './webhook-world.ts';

export interface WebhookCloudOptions {
  readonly time: VirtualTime;
  readonly webhooks: readonly Webhook[];
  /** By endpoint; what takes longer than a call may is not waited for. */
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  /** One queue for all endpoints, with the slots of both, to compare. */
  readonly hasOneQueue?: boolean;
  /** Nothing is known of endpoints and no breaker opens, to compare. */
  readonly isForgetful?: boolean;
}

export interface Endpoint {
  readonly takesMs: (nowEpochMs: number) => number;
  readonly status: (nowEpochMs: number) => number;
}

export interface Arrival extends WebhookCall {
  readonly id: string;
  readonly atEpochMs: number;
  /** Undefined where nobody waited for it. */
  readonly status: number | undefined;
}

const INSTANCES_OF_A_QUEUE = 2;
const BATCH_SIZE = 10;
/** Polling and starting. */
const INVOCATION_MS = 20;
const VISIBILITY_MS = 6 * 60_000;

/** `deliver-webhook` behind its two queues, each with two instances of ten records, and due rows, in virtual time. */
export function createWebhookCloud(options: WebhookCloudOptions) {
  const { time, endpoints } = options;
  const arrivals: Arrival[] = [];
  const jitter = createChance(7);
  let open = 0;
  let whenIdle: (() => void) | undefined;

  const world = createWebhookWorld({
    ...{ clock: time.clock, webhooks: options.webhooks, jitter },
    answer: async (call) => arrive(call, await answerOf(call)),
  });
  if (options.isForgetful) world.healths.set = () => world.healths;

  const queues = {
    quick: createQueue(INSTANCES_OF_A_QUEUE * (options.hasOneQueue ? 2 : 1)),
    slow: createQueue(INSTANCES_OF_A_QUEUE),
  };
  const queueOf = (queue: 'quick' | 'slow') => queues[options.hasOneQueue ? 'quick' : queue];
  world.onQueued = ({ queue, job, delaySeconds }) => queueOf(queue).add(job, delaySeconds * 1000);
  world.onDue = ({ dueEpochMs, work }) =>
    queueOf('slow').add(work.job as WebhookJob, dueEpochMs - time.clock.nowEpochMs());

  return {
    world,
    arrivals,
    /** As `publish-events` does. */
    publish: (webhook: Webhook, event: WebhookJob['event']) =>
      queueOf('quick').add(aWebhookJob({ webhookId: webhook.webhookId, event, queue: 'quick' }), 0),
    /** Nothing is queued, waits or is under way. */
    idle: () =>
      new Promise<void>((resolve) => {
        if (open === 0) resolve();
        else whenIdle = resolve;
      }),
  };

  async function answerOf({ endpoint, timeLimitMs }: WebhookCall): Promise<CallOutcome> {
    const peer = endpoints[endpoint];
    if (peer === undefined) throw new Error(`Nobody is at ${endpoint}.`);
    const startedAtEpochMs = time.clock.nowEpochMs();
    const takesMs = peer.takesMs(startedAtEpochMs);
    await time.sleep(Math.min(takesMs, timeLimitMs));
    return takesMs > timeLimitMs ? noAnswer : answered(peer.status(startedAtEpochMs));
  }

  function arrive(call: WebhookCall, outcome: CallOutcome): CallOutcome {
    const status = outcome.kind === 'answered' ? outcome.status : undefined;
    arrivals.push({ ...call, id: call.headers['svix-id'] ?? '', atEpochMs: time.clock.nowEpochMs(), status });
    return outcome;
  }

  /** Groups that have little under way come first, as SQS shares a queue fairly. */
  function createQueue(instances: number) {
    const visible: WebhookQueueJob[] = [];
    const inFlight = new Map<string, number>();
    const processes = Array.from({ length: instances }, () => world.openProcess());
    const idleProcesses = [...processes];

    const count = (job: WebhookQueueJob, by: number) =>
      inFlight.set(job.webhookId, (inFlight.get(job.webhookId) ?? 0) + by);

    const take = (): WebhookQueueJob[] =>
      Array.from({ length: Math.min(BATCH_SIZE, visible.length) }, () => {
        const loads = visible.map(({ webhookId }) => inFlight.get(webhookId) ?? 0);
        const [job] = visible.splice(loads.indexOf(Math.min(...loads)), 1) as [WebhookQueueJob];
        count(job, 1);
        return job;
      });

    const work = async (): Promise<void> => {
      const process = visible.length > 0 ? idleProcesses.pop() : undefined;
      if (process === undefined) return;
      const batch = take();
      await time.sleep(INVOCATION_MS);
      const settled = await Promise.allSettled(batch.map((job) => process.run(job)));
      await process.flush();
      idleProcesses.push(process);
      batch.forEach((job, index) => {
        count(job, -1);
        if (settled[index]?.status === 'rejected') add(job, VISIBILITY_MS);
      });
      open -= batch.length;
      if (open === 0) whenIdle?.();
      void work();
    };

    const add = (job: WebhookQueueJob, delayMs: number): void => {
      open += 1;
      void time.sleep(delayMs).then(() => {
        visible.push(job);
        return work();
      });
    };

    return { add };
  }
}
