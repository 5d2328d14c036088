import { parseJson } from '../host/json.ts';
import type { ResponseSink } from './invocation.ts';

/** Delimiter between status and headers and the body in a stream's bytes. */
const DELIMITER = '\0'.repeat(8);

/** Takes a streamed answer where no stream is read: `Invoke` answers with all of its bytes. */
export function collectResponse() {
  const parts: Uint8Array[] = [];
  const sink: ResponseSink = {
    begin: ({ prelude }) => {
      if (prelude !== undefined) parts.push(Buffer.from(prelude + DELIMITER));
    },
    write: async (chunk) => void parts.push(chunk),
  };
  return { sink, payload: () => toJson(Buffer.concat(parts).toString('utf8')) };
}

/** The bytes as they are where they are JSON, else as a JSON string. */
const toJson = (text: string): string => (parseJson(text) === undefined ? JSON.stringify(text) : text);
