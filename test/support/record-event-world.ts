import { createRecordEvent } from '../../functions/record-event/record-event.ts';
import { createFeedback } from '../../functions/record-event/record-feedback.ts';
import { createSentEvidence } from '../../functions/record-event/record-sent.ts';
import { type HeldEvent, parseEventJob } from '../../shared/contract/held-event.ts';
import type { Message } from '../../shared/domain/message.ts';
import { createDeliveryWorld } from './delivery-world.ts';

/** `record-event` over memory; `receive` takes a notification as the event queue holds it. */
export function createRecordEventWorld(rows?: readonly Message[]) {
  const world = createDeliveryWorld(rows);
  const { messages, suppressions, ids, clock, log, isOutage } = world;
  const held: { readonly event: HeldEvent; readonly delaySeconds: number | undefined }[] = [];
  const sentEvidence = createSentEvidence({ messages, log });
  const recordEvent = createRecordEvent({
    messages,
    sentEvidence,
    feedback: createFeedback({ messages, suppressions, sentEvidence, ids, clock, log }),
    queue: {
      async enqueue(event, delaySeconds) {
        if (world.down.has('eventQueue')) throw new Error('queue is down');
        held.push({ event, delaySeconds });
      },
    },
    isOutage,
    messageKeepDays: 30,
    clock,
    log,
  });
  return { ...world, held, receive: (notification: unknown) => recordEvent(parseEventJob(notification)) };
}
