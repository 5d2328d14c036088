import type { Construct } from 'constructs';
import type { StreamSettings } from '../../../shared/streams/stream-settings.ts';
import type { StreamConfig } from '../../stream-config.ts';
import { type Grant, oneGrant } from '../base/grant.ts';
import type { WorkQueue } from '../base/work-queue.ts';
import { MailStream, type MailStreamProps } from './mail-stream.ts';

interface MailStreamsProps
  extends Pick<MailStreamProps, 'pools' | 'contentKeepDays' | 'eventQueue' | 'functionTimeout'> {
  readonly configs: Readonly<Record<string, StreamConfig>>;
}

/** The streams of mail, and what they have together. */
export class MailStreams {
  readonly all: readonly MailStream[];

  constructor(scope: Construct, { configs, ...props }: MailStreamsProps) {
    this.all = Object.entries(configs).map(
      ([name, config]) => new MailStream(scope, `${name}-stream`, { ...config, ...props, name }),
    );
  }

  get settings(): readonly StreamSettings[] {
    return this.all.map(({ settings }) => settings);
  }

  get sendQueues(): readonly WorkQueue[] {
    return this.all.map(({ sendQueue }) => sendQueue);
  }

  /** Puts mail into the send queue of any of them. */
  get sendGrant(): Grant {
    return oneGrant(this.sendQueues.map(({ sendGrant }) => sendGrant));
  }

  get configurationSetArns(): readonly string[] {
    return this.all.flatMap(({ configurationSetArns }) => configurationSetArns);
  }

  /** ARNs of the pools that are warmed up by a plan. */
  get standardPoolArns(): readonly string[] {
    return this.all.flatMap(({ standardPoolArn }) => standardPoolArn ?? []);
  }

  /** Tells whether some of the mail leaves with signed links that end it. */
  get hasUnsubscribe(): boolean {
    return this.all.some(({ hasUnsubscribe }) => hasUnsubscribe);
  }
}
