import { asRecord, type Json, parseJson } from './json.ts';
import { type ReadOperation, UNKNOWN_OPERATION } from './wire-call.ts';

/** The operation in `X-Amz-Target`, as services with a JSON protocol and without paths have it. */
export const readTarget: ReadOperation = ({ headers, body }) => ({
  operation: headers['x-amz-target']?.split('.').at(-1) ?? UNKNOWN_OPERATION,
  input: readMembers(body),
});

/** The members of a JSON body; none where it holds no JSON object. */
export const readMembers = (body: Buffer): Json => (body.length === 0 ? {} : asRecord(parseJson(body)));

/** A part of a path; as it is where it cannot be decoded. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Half an escape is a name that the service will not find.
    return text;
  }
}
