/**
 * Separator of queue and group: no queue's own name holds it, and no base64url and no receipt handle of the
 * emulator.
 */
const SEPARATOR = '~';

/** The hidden queue of a message group beside the queue that its messages were sent to. */
export const hiddenName = (queue: string, group: string | undefined): string =>
  group === undefined ? queue : `${queue}${SEPARATOR}${Buffer.from(group).toString('base64url')}`;

export const isHidden = (name: string): boolean => name.includes(SEPARATOR);

/** Queue and group of a hidden queue. */
export function readHiddenName(name: string): { readonly queue: string; readonly group: string } {
  const [queue = '', encoded = ''] = name.split(SEPARATOR);
  return { queue, group: Buffer.from(encoded, 'base64url').toString() };
}

/** A handle that says whose message it is for, so that it holds over a restart too. */
export const toHandle = (group: string | undefined, handle: string): string =>
  group === undefined ? handle : hiddenName(handle, group);

export function readHandle(handle: string): { readonly handle: string; readonly group: string | undefined } {
  if (!isHidden(handle)) return { handle, group: undefined };
  const { queue, group } = readHiddenName(handle);
  return { handle: queue, group };
}

/** SQS API reference, SendMessage: up to 128 letters, digits and punctuation. */
export const isGroupId = (group: string): boolean => /^[!-~]{1,128}$/.test(group);
