import { escapeXml, xmlReply } from '../gateway/aws-error.ts';
import { type Dialect, JSON_CODES } from '../gateway/dialect.ts';
import { type ReadOperation, UNKNOWN_OPERATION } from '../gateway/wire-call.ts';

/** The query protocol: a form, whose field `Action` names the operation. */
const readForm: ReadOperation = ({ body }) => {
  const form = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
  return { operation: form.Action ?? UNKNOWN_OPERATION, input: form };
};

export const SNS_DIALECT: Dialect = {
  ...JSON_CODES,
  signingNames: ['sns'],
  readOperation: readForm,
  error: (status, code, message) =>
    xmlReply(
      status,
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></ErrorResponse>`,
    ),
  denied: [403, 'AuthorizationError'],
  throttled: [400, 'Throttling', 'Rate exceeded'],
};
