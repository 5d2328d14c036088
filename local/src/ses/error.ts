import type { ServiceResponse } from '../gateway/service-call.ts';

const STATUS = {
  AccessDeniedException: 403,
  AlreadyExistsException: 400,
  BadRequestException: 400,
  LimitExceededException: 400,
  MessageRejected: 400,
  NotFoundException: 404,
  SendingPausedException: 400,
  TooManyRequestsException: 429,
} as const;

/** A refusal under the exception name and HTTP status that SESv2 uses for it. */
export class SesError extends Error {
  readonly status: number;

  constructor(name: keyof typeof STATUS, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
    this.status = STATUS[name];
  }
}

/** The answer the SDK turns back into an exception of that name. */
export const toErrorResponse = (error: SesError): ServiceResponse =>
  jsonResponse(error.status, { message: error.message }, { 'x-amzn-errortype': error.name });

/** A REST-JSON answer of SESv2. */
export function jsonResponse(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ServiceResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** SES's answer where a member of the request breaks a rule of its shape. */
export const constraint = (member: string, rule: string): SesError =>
  new SesError(
    'BadRequestException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have ${rule}`,
  );
