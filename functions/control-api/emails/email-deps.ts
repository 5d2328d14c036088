import type { Clock } from '../../../shared/base/ports.ts';
import type { FetchQueue, SendQueue } from '../../../shared/messages/contract/queues.ts';
import type { Messages, Objects } from '../../../shared/messages/ports.ts';
import type { DueRows } from '../../../shared/scheduling/contract/due-rows.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import type { ReadEnglishTime } from '../../../shared/submission/services/scheduled-at.ts';

export interface EmailDeps {
  readonly messages: Pick<
    Messages,
    'listMessages' | 'getTimeline' | 'getMessage' | 'getContent' | 'putContent' | 'advance'
  >;
  readonly objects: Pick<Objects, 'get' | 'put' | 'sizeOf' | 'signedUrl'>;
  readonly dueRows: Pick<DueRows, 'put'>;
  readonly sendQueue: Pick<SendQueue, 'enqueue'>;
  readonly fetchQueue: Pick<FetchQueue, 'enqueue'>;
  readonly readEnglishTime: ReadEnglishTime;
  readonly clock: Clock;
  /** Of SES: it is part of the `Message-ID` that SES gives a mail. */
  readonly region: string;
  readonly settings: { readonly messageKeepDays: number; readonly streams: Streams };
}
