import { Stack } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  ENVIRONMENT,
  FUNCTION_NAMES,
  type FunctionName,
  type StreamsSettings,
  type TenantSettings,
} from '../../shared/contract/resources.ts';
import { longestKeepDays, type ValidConfig } from '../config.ts';
import { TIMEOUTS } from '../timeouts.ts';
import { type GrantedParts, grantsOf } from './function-grants.ts';
import { PipelineFunction } from './pipeline-function.ts';

export interface PipelineFunctionsProps extends GrantedParts {
  readonly config: ValidConfig;
  /** Where the bundles are. */
  readonly distDir: string;
}

type Variable = (typeof ENVIRONMENT)[FunctionName][number];

/** At 128 MB Node answers three times slower than at 256 (public cold-start benchmarks); more where mail of 40 MB passes through. */
const MEMORY_MB: Readonly<Record<FunctionName, number>> = {
  'accept-message': 256,
  'control-api': 256,
  'fetch-attachments': 512,
  'send-message': 512,
  'record-event': 256,
  sweep: 256,
  'release-due': 256,
  'create-bootstrap-key': 256,
};

/** A message's own data may go when its content does, but not before people stop asking for it. */
const SHORTEST_MESSAGE_DAYS = 30;

/** Every function with its own role and exactly the environment that it parses. */
export class PipelineFunctions extends Construct {
  readonly lambdas: Readonly<Record<FunctionName, LambdaFunction>>;

  constructor(scope: Construct, id: string, props: PipelineFunctionsProps) {
    super(scope, id);
    const { distDir } = props;
    const grants = grantsOf(props);
    const values = variablesOf(props, Stack.of(this));
    const make = (name: FunctionName) =>
      new PipelineFunction(this, name, {
        name,
        distDir,
        memoryMb: MEMORY_MB[name],
        timeout: TIMEOUTS[name],
        environment: Object.fromEntries(ENVIRONMENT[name].map((variable) => [variable, values[variable]])),
        grants: grants[name],
      }).lambda;

    this.lambdas = Object.fromEntries(FUNCTION_NAMES.map((name) => [name, make(name)])) as Record<
      FunctionName,
      LambdaFunction
    >;
  }
}

function variablesOf(props: PipelineFunctionsProps, stack: Stack): Readonly<Record<Variable, string>> {
  const { config, store, attachmentQueue, eventQueue, releaseQueue } = props;
  return {
    MESSAGES_TABLE_NAME: store.messages.tableName,
    SUPPRESSIONS_TABLE_NAME: store.suppressions.tableName,
    CATALOG_TABLE_NAME: store.catalog.tableName,
    EVENTS_TABLE_NAME: store.events.tableName,
    CONTENT_BUCKET_NAME: store.content.bucketName,
    STREAMS: stack.toJsonString(streamsOf(props)),
    ATTACHMENT_QUEUE_URL: attachmentQueue.queue.queueUrl,
    EVENT_QUEUE_URL: eventQueue.queue.queueUrl,
    RELEASE_QUEUE_URL: releaseQueue.queue.queueUrl,
    SENDING_DOMAINS: config.domains.join(','),
    MESSAGE_KEEP_DAYS: String(Math.max(longestKeepDays(config), SHORTEST_MESSAGE_DAYS)),
    FUNCTION_TIMEOUT_SECONDS: String(TIMEOUTS['send-message'].toSeconds()),
  };
}

const streamsOf = ({ config, streams }: PipelineFunctionsProps): StreamsSettings => ({
  defaultStream: config.defaultStream,
  streams: streams.map(({ settings }) => settings),
  ...(config.tenants === undefined ? {} : { tenants: tenantsOf(config.tenants) }),
});

const tenantsOf = ({ dailyRecipients, guard }: NonNullable<ValidConfig['tenants']>): TenantSettings => ({
  ...(dailyRecipients === undefined ? {} : { dailyRecipients }),
  guard,
});
