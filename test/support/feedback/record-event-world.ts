import { createOutcomes } from '../../../functions/record-event/count-outcomes.ts';
import { createRecordEvent } from '../../../functions/record-event/record-event.ts';
import { createFeedback } from '../../../functions/record-event/record-feedback.ts';
import { createSentEvidence } from '../../../functions/record-event/record-sent.ts';
import { parseEventJob, type WaitingEvent } from '../../../shared/feedback/contract/waiting-event.ts';
import type { Message } from '../../../shared/messages/message.ts';
import type { SignalsByProvider } from '../../../shared/pace/ports.ts';
import { createProviderTally } from '../../../shared/pace/services/provider-tally.ts';
import { addToWindow, EMPTY_WINDOW, type ReputationWindow } from '../../../shared/reputation/guard.ts';
import type { ReputationSubject } from '../../../shared/reputation/ports.ts';
import { createReputationCounter } from '../../../shared/reputation/services/reputation-counter.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import { createDeliveryWorld } from '../messages/delivery-world.ts';
import { buildStreams } from '../streams/stream-builders.ts';
import { createMemoryTenants } from '../tenants/memory-tenants.ts';

/** `record-event` over memory; `receive` takes a notification as the event queue holds it. */
export function createRecordEventWorld(rows?: readonly Message[], streams: Streams = buildStreams()) {
  const world = createDeliveryWorld(rows);
  const { messages, suppressions, ids, clock, log, isOutage } = world;
  const sentEvidence = createSentEvidence({ messages, log });
  const paused: { readonly stream: string; readonly reason: string }[] = [];
  const windows = new Map<ReputationSubject, ReputationWindow>();
  const signals: SignalsByProvider[] = [];
  const requeued: { readonly event: WaitingEvent; readonly delaySeconds: number | undefined }[] = [];
  const tenants = createMemoryTenants();
  const outcomes = createOutcomes({
    counter: createReputationCounter(
      {
        async add(subject, events) {
          world.reach('reputation');
          const window = addToWindow(windows.get(subject) ?? EMPTY_WINDOW, events);
          windows.set(subject, window);
          return window;
        },
      },
      clock,
    ),
    providers: createProviderTally({ add: async (each) => void signals.push(each) }, clock),
    streams,
    streamStates: {
      async pause(stream, { reason }) {
        if (paused.some((each) => each.stream === stream)) return false;
        paused.push({ stream, reason });
        return true;
      },
    },
    tenants,
    ...{ clock, log },
  });
  const recordEvent = createRecordEvent({
    messages,
    sentEvidence,
    feedback: createFeedback({ messages, suppressions, streams, sentEvidence, outcomes, ids, clock, log }),
    outcomes,
    tenants,
    queue: {
      async enqueue(event, delaySeconds) {
        if (world.down.has('eventQueue')) throw new Error('queue is down');
        requeued.push({ event, delaySeconds });
      },
    },
    isOutage,
    messageKeepDays: 30,
    clock,
    log,
  });
  return {
    ...world,
    ...{ requeued, paused, windows, signals, tenants },
    /** A record, and the end of its batch. */
    async receive(notification: unknown) {
      await recordEvent(parseEventJob(notification));
      await Promise.allSettled(outcomes.flush.map((step) => step()));
    },
  };
}
