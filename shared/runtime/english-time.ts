/** Parts of a sentence that say nothing of when. */
const SAYS_NOTHING = /^(?:at|on|by)?[\s.,!]*$/i;

/**
 * The moment that an English phrase means, such as `tomorrow at 9am` or `Friday at 3pm ET`; zones that are not named are
 * UTC, and days and times without a date are the next ones. Undefined where the text is not one moment from its first
 * word to its last: a phrase that is understood in part means something else.
 * The library is loaded with the first such phrase, as its grammar would be a fifth of the bundle.
 */
export async function readEnglishTime(text: string, nowEpochMs: number): Promise<number | undefined> {
  const { parse } = await import('chrono-node/en');
  const reference = { instant: new Date(nowEpochMs), timezone: 0 };
  const [found, ...others] = parse(text, reference, { forwardDate: true });
  if (found === undefined || others.length > 0 || found.end) return undefined;
  const before = text.slice(0, found.index).trim();
  const after = text.slice(found.index + found.text.length);
  const isWhole = SAYS_NOTHING.test(before) && /^[\s.,!]*$/.test(after);
  return isWhole ? found.date().getTime() : undefined;
}
