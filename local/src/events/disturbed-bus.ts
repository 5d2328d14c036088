import { setTimeout as sleep } from 'node:timers/promises';
import type { Faults } from '../gateway/faults.ts';

interface Bus<Event> {
  publish(event: Event): void | Promise<void>;
}

/** The bus as SES sees it: it fails on demand, under the name of the API that takes events. */
export function disturbBus<Event>(bus: Bus<Event>, faults: Faults): Bus<Event> {
  return {
    async publish(event) {
      const fault = faults.roll('events', 'PutEvents');
      if (fault.kind === 'latency') await sleep(fault.ms);
      if (fault.kind === 'none' || fault.kind === 'latency') return bus.publish(event);
      const isDone = fault.kind === 'reply-lost' || (fault.kind === 'crash' && fault.when === 'after');
      if (isDone) await bus.publish(event);
      throw new Error(`PutEvents: ${fault.kind}${isDone ? ', after the event was taken' : ''}`);
    },
  };
}
