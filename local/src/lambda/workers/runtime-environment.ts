import type { FunctionSpec } from '../function-spec.ts';

interface RuntimeCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

interface RuntimePlace {
  readonly region: string;
  readonly endpoint: string;
  readonly taskRoot: string;
  /** Variables that functions have on this machine alone. */
  readonly environment: Readonly<Record<string, string>>;
  readonly credentials: RuntimeCredentials;
}

/**
 * The whole environment of a worker: the template's variables and what the Lambda runtime sets
 * (developer guide, "Defined runtime environment variables"), nothing of this process but PATH, and the local cloud's
 * own endpoints.
 */
export function buildEnvironment(spec: FunctionSpec, place: RuntimePlace): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    // The SDK would otherwise read the profile of the person at this machine.
    HOME: place.taskRoot,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...spec.environment,
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_LAMBDA_LOG_FORMAT: spec.logging.format,
    ...(spec.logging.format === 'JSON' && { AWS_LAMBDA_LOG_LEVEL: spec.logging.applicationLevel }),
    _HANDLER: spec.handler,
    LAMBDA_TASK_ROOT: place.taskRoot,
    AWS_ACCESS_KEY_ID: place.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: place.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: place.credentials.sessionToken,
    AWS_ENDPOINT_URL: place.endpoint,
    ...place.environment,
  };
}
