import { asRecord, parseJson } from '../host/json.ts';
import { type LocalRoute, localReply } from '../host/local-routes.ts';
import type { Queues } from './emulator.ts';

/**
 * `GET /_local/queues`: every queue, dead-letter queues too, and how much it holds. `POST /_local/queues/{name}`: the
 * body becomes a message, as a redrive or an operator with access to the account would put it there.
 * `POST /_local/fairness {enabled}`: whether message groups are handed out fairly, which SQS does always.
 */
export const queueRoutes = ({
  depths,
  enqueue,
  fairness,
}: Pick<Queues, 'depths' | 'enqueue' | 'fairness'>): LocalRoute[] => [
  { method: 'GET', path: '/_local/queues', handle: () => localReply(200, depths()) },
  {
    method: 'POST',
    path: '/_local/queues/{name}',
    handle: ({ params, body }) => {
      const name = params.name ?? '';
      return enqueue(name, body.toString('utf8'))
        ? localReply(200, { name })
        : localReply(404, {
            message: `There is no queue ${name}; there are ${depths()
              .map((queue) => queue.name)
              .join(', ')}`,
          });
    },
  },
  {
    method: 'POST',
    path: '/_local/fairness',
    handle: ({ body }) => {
      const isEnabled = readEnabled(body);
      if (isEnabled === undefined) return localReply(400, { message: 'enabled must be true or false' });
      fairness.enable(isEnabled);
      return localReply(200, { enabled: isEnabled });
    },
  },
];

function readEnabled(body: Buffer): boolean | undefined {
  const { enabled } = asRecord(parseJson(body));
  return typeof enabled === 'boolean' ? enabled : undefined;
}
