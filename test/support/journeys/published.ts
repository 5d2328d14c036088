import assert from 'node:assert/strict';
import type { TableStreamBacklog } from '../../../local/src/dynamodb/poller/backlog.ts';
import { eventually } from '../base/eventually.ts';
import { request } from './journey.ts';
import type { TestCloud } from './local-cloud.ts';

export interface LoggedEvent {
  readonly id: string;
  readonly type: string;
  readonly created_at: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export const backlogs = async (cloud: TestCloud): Promise<readonly TableStreamBacklog[]> =>
  (await (await fetch(`${cloud.url}/_local/table-streams`)).json()) as TableStreamBacklog[];

/** What has been stored so far is in the log. */
export const untilPublished = (cloud: TestCloud) =>
  eventually(async () => {
    const waiting = (await backlogs(cloud)).filter((backlog) => backlog.waiting > 0);
    assert.deepEqual(waiting, []);
  });

/** The whole log as the API gives it, page by page. */
export async function readLog(cloud: TestCloud): Promise<readonly LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for (let after = ''; ; ) {
    const cursor = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
    const { status, body } = await request(cloud, 'GET', `/event-log?limit=100${cursor}`);
    assert.equal(status, 200, JSON.stringify(body));
    events.push(...(body.data as LoggedEvent[]));
    if (body.has_more !== true) return events;
    after = String(body.next);
  }
}
