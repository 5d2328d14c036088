import { Stack } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ENVIRONMENT, FUNCTION_NAMES, type FunctionName } from '../../../shared/resources.ts';
import type { StreamsSettings } from '../../../shared/streams/stream-settings.ts';
import type { TenantSettings } from '../../../shared/streams/tenant-settings.ts';
import { longestKeepDays, type ValidConfig } from '../../config.ts';
import { TIMEOUTS } from '../../timeouts.ts';
import { PipelineFunction } from '../base/pipeline-function.ts';
import { type GrantedParts, grantsOf } from './function-grants.ts';

export interface PipelineFunctionsProps extends GrantedParts {
  readonly config: ValidConfig;
  /** Where the bundles are. */
  readonly distDir: string;
  /** Of the endpoint, as the internet knows it. */
  readonly publicUrl: string;
}

/** Only where the config has the option that it serves. */
type OptionalFunction = 'tail-events';
type StandingFunction = Exclude<FunctionName, OptionalFunction>;

type Variable = (typeof ENVIRONMENT)[FunctionName][number];

/** At 128 MB Node answers three times slower than at 256 (public cold-start benchmarks); more where mail of 40 MB passes through. */
const MEMORY_MB: Readonly<Record<FunctionName, number>> = {
  'accept-message': 256,
  'control-api': 256,
  'fetch-attachments': 512,
  'send-message': 512,
  'record-event': 256,
  'publish-events': 512,
  sweep: 256,
  'release-due': 256,
  'deliver-webhook': 256,
  'tail-events': 256,
  'create-bootstrap-key': 256,
};

/** A message's own data may go when its content does, but not before people stop asking for it. */
const SHORTEST_MESSAGE_DAYS = 30;

/** Every function with its own role and exactly the environment that it parses. */
export class PipelineFunctions extends Construct {
  /** Those that the config asks for. */
  readonly lambdas: Readonly<Record<StandingFunction, LambdaFunction>> &
    Readonly<Partial<Record<OptionalFunction, LambdaFunction>>>;

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

    const wanted = FUNCTION_NAMES.filter(
      (name) => name !== 'tail-events' || props.config.liveTail !== undefined,
    );
    this.lambdas = Object.fromEntries(wanted.map((name) => [name, make(name)])) as typeof this.lambdas;
  }
}

function variablesOf(props: PipelineFunctionsProps, stack: Stack): Readonly<Record<Variable, string>> {
  const { config, store, attachmentQueue, eventQueue, releaseQueue, publicUrl } = props;
  const { webhookQueue, slowWebhookQueue } = props;
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
    PUBLIC_URL: publicUrl,
    WEBHOOK_QUEUE_URL: webhookQueue.queue.queueUrl,
    SLOW_WEBHOOK_QUEUE_URL: slowWebhookQueue.queue.queueUrl,
    SENDING_DOMAINS: config.domains.join(','),
    MESSAGE_KEEP_DAYS: String(Math.max(longestKeepDays(config), SHORTEST_MESSAGE_DAYS)),
    TAIL_VIEWERS: String(config.liveTail?.viewers ?? 0),
    FUNCTION_TIMEOUT_SECONDS: String(TIMEOUTS['send-message'].toSeconds()),
  };
}

const streamsOf = ({ config, streams, subscriberBus }: PipelineFunctionsProps): StreamsSettings => ({
  defaultStream: config.defaultStream,
  streams: streams.map(({ settings }) => settings),
  ...(subscriberBus === undefined ? {} : { eventBusName: subscriberBus.bus.eventBusName }),
  ...(config.tenants === undefined ? {} : { tenants: tenantsOf(config.tenants) }),
});

const tenantsOf = ({ dailyRecipients, guard }: NonNullable<ValidConfig['tenants']>): TenantSettings => ({
  ...(dailyRecipients === undefined ? {} : { dailyRecipients }),
  guard,
});
