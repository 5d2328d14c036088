/**
 * Characters that SQS refuses in a message. It takes those of XML 1.0 (API reference, `SendMessage`), those
 * beyond U+FFFF among them. The emulator's own pattern ends at U+FFFD and knows halves of a pair only, so
 * that it refused every emoji.
 */
const REFUSED_BY_SQS = /[^\t\n\r -\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** Has the emulator refuse what SQS refuses. Its pattern is one object that all of its actions ask. */
export async function correctMessageCharacters(): Promise<void> {
  const { INVALID_MESSAGE_BODY_CHAR: pattern } = (await import(
    new URL('./sqs/sqsTypes.js', import.meta.resolve('fauxqs')).href
  )) as { INVALID_MESSAGE_BODY_CHAR: RegExp };
  pattern.test = (text) => REFUSED_BY_SQS.test(text);
}
