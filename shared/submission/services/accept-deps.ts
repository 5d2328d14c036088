import type { Authenticate } from '../../access/services/authenticate.ts';
import type { Clock, Ids, Log } from '../../base/ports.ts';
import type { SendingDomains } from '../../domains/ports.ts';
import type { FetchQueue, SendQueue } from '../../messages/contract/queues.ts';
import type { Messages, Objects } from '../../messages/ports.ts';
import type { DueRows } from '../../scheduling/contract/due-rows.ts';
import type { Streams } from '../../streams/stream.ts';
import type { TenantQuota } from '../../tenants/services/tenant-quota.ts';
import type { ReadEnglishTime } from './scheduled-at.ts';

export interface AcceptDeps {
  readonly authenticate: Authenticate;
  readonly messages: Pick<
    Messages,
    | 'putMessageIfAbsent'
    | 'getMessage'
    | 'putContent'
    | 'putIdempotencyRecordIfAbsent'
    | 'replaceIdempotencyRecord'
    | 'deleteIdempotencyRecord'
    | 'fence'
    | 'endBatch'
    | 'getBatchState'
    | 'deleteUnsent'
  >;
  readonly objects: Pick<Objects, 'put'>;
  readonly sendQueue: SendQueue;
  readonly fetchQueue: FetchQueue;
  readonly dueRows: Pick<DueRows, 'put'>;
  readonly htmlToText: (html: string) => Promise<string>;
  readonly readEnglishTime: ReadEnglishTime;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Pick<Log, 'warn' | 'error'>;
  readonly sendingDomains: SendingDomains;
  readonly quota: TenantQuota;
  readonly settings: AcceptSettings;
}

interface AcceptSettings {
  readonly messageKeepDays: number;
  readonly streams: Streams;
}
