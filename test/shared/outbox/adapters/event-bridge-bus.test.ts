import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EventBridgeClient, PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import { createEventBridgeBus } from '../../../../shared/outbox/adapters/event-bridge-bus.ts';
import { anEvent } from '../../../support/event-log/log-builders.ts';

/** Takes all that it is given but what `refuses` says, and remembers. */
function aClient(refuses: (request: number) => boolean = () => false) {
  const requests: PutEventsCommandInput[] = [];
  const client = {
    async send({ input }: { input: PutEventsCommandInput }) {
      const isRefused = refuses(requests.push(input));
      return { Entries: input.Entries?.map(() => (isRefused ? {} : { EventId: 'taken' })) };
    },
  };
  return { requests, bus: createEventBridgeBus(client as unknown as EventBridgeClient, 'events') };
}

const wide = (kilobytes: number) => ({ data: { tags: { note: 'x'.repeat(kilobytes * 1_024) } } });

describe('the event bus', () => {
  test('the bus is given ten events and 256 KB at most in a request, and each of them once', async () => {
    for (const [kilobytes, perRequest] of [
      [0, 10],
      [39, 6],
      [200, 1],
    ] as const) {
      const { requests, bus } = aClient();
      await bus.publish(Array.from({ length: 30 }, (_, n) => anEvent(n, wide(kilobytes))));
      const entries = requests.flatMap(({ Entries = [] }) => Entries);
      const ids = entries.map(({ Detail = '' }) => JSON.parse(Detail).id);
      assert.equal(new Set(ids).size, 30);
      for (const { Entries = [] } of requests) {
        assert.ok(Entries.length <= perRequest);
        const bytes = Entries.reduce((sum, { Detail = '' }) => sum + Buffer.byteLength(Detail), 0);
        assert.ok(bytes <= 262_144, `${bytes} bytes`);
      }
    }
  });

  test('the bus is asked again for what it did not take, three times, and then it is an error', async () => {
    const once = aClient((request) => request === 1);
    await once.bus.publish([anEvent(1)]);
    assert.equal(once.requests.length, 2);
    const never = aClient(() => true);
    await assert.rejects(never.bus.publish([anEvent(1)]), { name: 'EventsRefusedError' });
    assert.equal(never.requests.length, 3);
  });
});
