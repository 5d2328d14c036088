import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  CATALOG_COLLECTIONS,
  CONTENT_PREFIXES,
  ENVIRONMENT,
  type FunctionName,
} from '../../shared/contract/resources.ts';
import type { ValidConfig } from '../config.ts';
import { TIMEOUTS } from '../timeouts.ts';
import type { MessageStore } from './message-store.ts';
import { type Grant, PipelineFunction, type PipelineFunctionProps } from './pipeline-function.ts';
import type { SendingIdentity } from './sending-identity.ts';
import type { TransactionalStream } from './transactional-stream.ts';
import type { WorkQueue } from './work-queue.ts';

export interface PipelineFunctionsProps {
  readonly config: ValidConfig;
  readonly distDir: string;
  readonly store: MessageStore;
  readonly sendQueue: WorkQueue;
  readonly attachmentQueue: WorkQueue;
  readonly eventQueue: WorkQueue;
  readonly stream: TransactionalStream;
  readonly identities: readonly SendingIdentity[];
}

/** A message's own data may go when its content does, but not before people stop asking for it. */
const SHORTEST_MESSAGE_DAYS = 30;

/** Every function with what it may do and nothing else; a test shows that each statement is needed. */
export class PipelineFunctions extends Construct {
  readonly acceptMessage: LambdaFunction;
  readonly controlApi: LambdaFunction;
  readonly sweep: LambdaFunction;
  readonly createBootstrapKey: LambdaFunction;
  private readonly props: PipelineFunctionsProps;

  constructor(scope: Construct, id: string, props: PipelineFunctionsProps) {
    super(scope, id);
    this.props = props;
    this.acceptMessage = this.make('accept-message', {
      memoryMb: 256,
      timeout: TIMEOUTS.acceptMessage,
      grants: this.acceptGrants(),
    });
    this.controlApi = this.make('control-api', {
      memoryMb: 256,
      timeout: TIMEOUTS.controlApi,
      grants: this.controlGrants(),
    });
    this.sweep = this.make('sweep', { memoryMb: 256, timeout: TIMEOUTS.sweep, grants: this.sweepGrants() });
    this.createBootstrapKey = this.make('create-bootstrap-key', {
      ...{ memoryMb: 256, timeout: TIMEOUTS.createBootstrapKey },
      grants: [
        this.catalog(['dynamodb:GetItem', 'dynamodb:PutItem'], 'deployment', 'signingKey'),
        this.catalog(['dynamodb:PutItem'], 'apiKeys'),
      ],
    });

    const { sendQueue, attachmentQueue, eventQueue } = props;
    sendQueue.feed(
      this.make('send-message', { memoryMb: 512, timeout: TIMEOUTS.sendMessage, grants: this.sendGrants() }),
    );
    attachmentQueue.feed(
      this.make('fetch-attachments', {
        memoryMb: 512,
        timeout: TIMEOUTS.fetchAttachments,
        grants: this.fetchGrants(),
      }),
    );
    eventQueue.feed(
      this.make('record-event', {
        memoryMb: 256,
        timeout: TIMEOUTS.recordEvent,
        grants: this.recordGrants(),
      }),
    );
  }

  private make(
    name: FunctionName,
    props: Pick<PipelineFunctionProps, 'memoryMb' | 'timeout' | 'grants'>,
  ): LambdaFunction {
    const { distDir } = this.props;
    return new PipelineFunction(this, name, {
      ...props,
      name,
      distDir,
      environment: this.environmentOf(name),
    }).lambda;
  }

  private acceptGrants(): Grant[] {
    return [
      this.messages('dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'),
      this.catalog(['dynamodb:GetItem'], 'signingKey', 'apiKeys'),
      this.catalog(['dynamodb:PutItem'], 'messageDays'),
      this.objects('s3:PutObject', 'bodies', 'uploaded'),
      ...this.sends(),
    ];
  }

  private controlGrants(): Grant[] {
    const { suppressions } = this.props.store;
    return [
      this.messages('dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Query'),
      {
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Query'],
        resources: [suppressions.tableArn],
      },
      this.catalog(['dynamodb:GetItem'], 'signingKey'),
      this.catalog(
        [
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
          'dynamodb:Query',
        ],
        'apiKeys',
      ),
      this.catalog(['dynamodb:PutItem', 'dynamodb:Query'], 'messageDays'),
      this.catalog(['dynamodb:DeleteItem'], 'deployment'),
      this.objects('s3:PutObject', 'bodies', 'uploaded'),
      this.objects('s3:GetObject', 'bodies', 'uploaded', 'fetched'),
      this.missingObjects(),
      ...this.sends(),
    ];
  }

  private sendGrants(): Grant[] {
    const { store, sendQueue, stream, identities } = this.props;
    return [
      sendQueue.consumeGrant,
      sendQueue.sendGrant,
      this.messages(
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
        'dynamodb:PutItem',
        'dynamodb:DeleteItem',
      ),
      { actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem'], resources: [store.suppressions.tableArn] },
      this.objects('s3:GetObject', 'bodies', 'uploaded', 'fetched'),
      this.missingObjects(),
      this.objects('s3:DeleteObject', 'bodies', 'uploaded', 'fetched'),
      {
        actions: ['ses:SendEmail'],
        resources: [stream.configurationSetArn, ...identities.map((identity) => identity.identityArn)],
      },
    ];
  }

  private fetchGrants(): Grant[] {
    const { attachmentQueue, sendQueue } = this.props;
    return [attachmentQueue.consumeGrant, sendQueue.sendGrant, this.objects('s3:PutObject', 'fetched')];
  }

  private recordGrants(): Grant[] {
    const { store, eventQueue } = this.props;
    return [
      eventQueue.consumeGrant,
      eventQueue.sendGrant,
      this.messages('dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
      {
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
        resources: [store.suppressions.tableArn],
      },
    ];
  }

  private sweepGrants(): Grant[] {
    return [
      this.messages(
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        'dynamodb:Query',
      ),
      this.catalog(['dynamodb:GetItem', 'dynamodb:PutItem'], 'sweepCursors'),
      this.catalog(['dynamodb:Query'], 'messageDays'),
      this.objects('s3:GetObject', 'bodies', 'fetched'),
      this.missingObjects(),
      ...this.sends(),
    ];
  }

  private sends(): Grant[] {
    return [this.props.sendQueue.sendGrant, this.props.attachmentQueue.sendGrant];
  }

  private messages(...actions: readonly string[]): Grant {
    return { actions, resources: [this.props.store.messages.tableArn] };
  }

  /** Bound to collections by their partition keys: the signing key is not everybody's. */
  private catalog(
    actions: readonly string[],
    ...collections: readonly (keyof typeof CATALOG_COLLECTIONS)[]
  ): Grant {
    const keys = collections.map((collection) => CATALOG_COLLECTIONS[collection]);
    return {
      actions,
      resources: [this.props.store.catalog.tableArn],
      conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys } },
    };
  }

  private objects(action: string, ...prefixes: readonly (keyof typeof CONTENT_PREFIXES)[]): Grant {
    const { content } = this.props.store;
    return {
      actions: [action],
      resources: prefixes.map((prefix) => content.arnForObjects(`${CONTENT_PREFIXES[prefix]}*`)),
    };
  }

  /** Without it S3 answers 403 for a key that is not there, and absence could not be told from refusal. */
  private missingObjects(): Grant {
    return { actions: ['s3:ListBucket'], resources: [this.props.store.content.bucketArn] };
  }

  private environmentOf(name: FunctionName): Record<string, string> {
    const { config, store, sendQueue, attachmentQueue, eventQueue, stream } = this.props;
    const keepDays = config.content.keepDays;
    const values: Readonly<Record<string, string>> = {
      MESSAGES_TABLE_NAME: store.messages.tableName,
      SUPPRESSIONS_TABLE_NAME: store.suppressions.tableName,
      CATALOG_TABLE_NAME: store.catalog.tableName,
      CONTENT_BUCKET_NAME: store.content.bucketName,
      SEND_QUEUE_URL: sendQueue.queue.queueUrl,
      ATTACHMENT_QUEUE_URL: attachmentQueue.queue.queueUrl,
      EVENT_QUEUE_URL: eventQueue.queue.queueUrl,
      SENDING_DOMAINS: config.domains.join(','),
      CONTENT_KEEP_DAYS: String(keepDays),
      MESSAGE_KEEP_DAYS: String(Math.max(keepDays, SHORTEST_MESSAGE_DAYS)),
      CONFIGURATION_SET_NAME: stream.configurationSetName,
      STREAM_KIND: 'transactional',
      FUNCTION_TIMEOUT_SECONDS: String(TIMEOUTS.sendMessage.toSeconds()),
    };
    return variablesOf(name, values);
  }
}

const variablesOf = (name: FunctionName, values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(ENVIRONMENT[name].map((variable) => [variable, values[variable] ?? '']));
