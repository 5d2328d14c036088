/** Errors of requests that can never succeed, however long one waits: our mistake, and poison. */
const PERMANENT = new Set([
  'ValidationException',
  'SerializationException',
  'ItemCollectionSizeLimitExceededException',
  'InvalidMessageContents',
  'InvalidParameterValue',
  'MissingParameter',
  'UnsupportedOperation',
]);

/**
 * Errors of the network, those of a process that has too much open at once and of a body that ended early
 * included.
 */
const NETWORK = new Set([
  'EBUSY',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'EPROTO',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
]);

/**
 * Tells whether an AWS call failed in a way that time or an operator mends: throttling, 5xx, time-outs, the
 * network, and also a right that is missing or a table that is gone, which a deployment gives back.
 */
export function isAwsOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, $fault, permanent } = error as { code?: unknown; $fault?: unknown; permanent?: unknown };
  // Our own errors about stores say so themselves.
  if (permanent === false) return true;
  if (error.name === 'TimeoutError' || error.name === 'CredentialsProviderError') return true;
  if (typeof code === 'string' && NETWORK.has(code)) return true;
  return ($fault === 'client' || $fault === 'server') && !PERMANENT.has(error.name);
}
