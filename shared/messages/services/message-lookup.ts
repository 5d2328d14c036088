import { createLru } from '../../base/lru.ts';
import type { Log } from '../../base/ports.ts';
import { inParallel } from '../../base/services/in-parallel.ts';
import type { EventMessage } from '../contract/message-events.ts';
import { type MessageChange, type MessageReference, messagesNeededBy } from '../message-change.ts';
import type { Messages } from '../ports.ts';
import { findMessage } from './find-message.ts';

export interface MessageLookupDeps {
  readonly messages: Pick<Messages, 'getMessage'>;
  readonly log: Pick<Log, 'warn' | 'count'>;
}

/** Finds a message; undefined for one that there is not any more: facts can outlive their row. */
export type FindMessage = (tenant: string, messageId: string) => EventMessage | undefined;

/**
 * Number of rows that are remembered, some 500 bytes each. A delivery follows its mail within seconds: rows
 * that went by are still there.
 */
const REMEMBERED = 5_000;
const READS_AT_ONCE = 25;

/**
 * The messages that changes are about. Facts name their message and no more; rows of a stream are remembered as they go
 * by, so that a read is the exception.
 */
export function createMessageLookup({ messages, log }: MessageLookupDeps) {
  const recent = createLru<EventMessage>(REMEMBERED);

  const read = async (reference: MessageReference): Promise<void> => {
    const { tenant, messageId } = reference;
    const message = await findMessage(messages, reference);
    if (message !== undefined) return recent.note(keyOf(tenant, messageId), message);
    log.warn('event_without_message', { messageId });
    log.count('EventsWithoutMessage', 1);
  };

  return async (changes: readonly MessageChange[]): Promise<FindMessage> => {
    const found = new Map<string, EventMessage>();
    const take = (key: string, message: EventMessage | undefined) => message && found.set(key, message);
    for (const change of changes) {
      if (change.kind !== 'message') continue;
      recent.note(keyOf(change.after.tenant, change.after.messageId), partsOf(change.after));
    }
    const needed = new Map(
      changes.flatMap(messagesNeededBy).map((each) => [keyOf(each.tenant, each.messageId), each]),
    );
    for (const key of needed.keys()) take(key, recent.get(key));
    const unknown = [...needed].filter(([key]) => !found.has(key));
    await inParallel(unknown, READS_AT_ONCE, async ([key, reference]) => {
      await read(reference);
      take(key, recent.get(key));
    });
    return (tenant, messageId) => found.get(keyOf(tenant, messageId));
  };
}

const keyOf = (tenant: string, messageId: string): string => `${tenant}#${messageId}`;

function partsOf(message: EventMessage): EventMessage {
  const { messageId, tenant, stream, from, to, cc, bcc, subject, tags } = message;
  return { messageId, tenant, stream, from, to, cc, bcc, subject, tags };
}
