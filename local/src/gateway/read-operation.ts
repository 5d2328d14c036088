import { asRecord, type Json, parseJson } from '../host/json.ts';
import { type ReadOperation, UNKNOWN_OPERATION } from './wire-call.ts';

/** The operation in `X-Amz-Target`, as services with a JSON protocol and without paths have it. */
export const readTarget: ReadOperation = ({ headers, body }) => ({
  operation: headers['x-amz-target']?.split('.').at(-1) ?? UNKNOWN_OPERATION,
  input: readMembers(body),
});

/** The members of a JSON body; none where it holds no JSON object. */
export const readMembers = (body: Buffer): Json => (body.length === 0 ? {} : asRecord(parseJson(body)));
