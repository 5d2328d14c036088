import { SESv2Client, type SESv2ClientConfig } from '@aws-sdk/client-sesv2';

const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 3_000;

/**
 * Attempts of a patient client. SES takes about one call a second that makes or changes something: the SDK
 * waits between attempts, longer each time.
 */
export const PATIENT = { maxAttempts: 4 } as const;

/**
 * Creates the client for everything but sending (`ses.ts`): such a call may be repeated, and none is waited
 * for long.
 */
export const createSesControlClient = (config: SESv2ClientConfig): SESv2Client =>
  new SESv2Client({
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
    ...config,
  });
