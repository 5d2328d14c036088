import { createHash } from 'node:crypto';

const ID_LENGTH = 32;

/** The host that a function's URL has on AWS; its id is made of the function's ARN. */
export const functionUrlDomain = (functionArn: string, region: string): string =>
  `${createHash('sha256').update(functionArn).digest('hex').slice(0, ID_LENGTH)}.lambda-url.${region}.on.aws`;
