import { type LocalRoute, localReply } from '../http-front/local-routes.ts';
import type { QueuesAndBuckets } from './queues-and-buckets.ts';

/**
 * `GET /_local/queues`: every queue, dead-letter queues too, and how much it holds. `POST /_local/queues/{name}`: the
 * body becomes a message, as a redrive or somebody with access to the account would put it there.
 */
export const queueRoutes = ({
  depths,
  enqueue,
}: Pick<QueuesAndBuckets, 'depths' | 'enqueue'>): LocalRoute[] => [
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
];
