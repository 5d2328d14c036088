/**
 * The seams between the rooms of the local cloud. Each room (`assembly/`, `gateway/`, `lambda/`, `http-front/`,
 * `ses/`, `inbox/`) implements or consumes these and knows nothing else of its neighbours; `local-cloud.ts` joins them.
 */

/** Services the gateway dispatches to, by the name the SDK signs with (`ses` also for SESv2). */
export type ServiceName = 'ses' | 'sqs' | 'dynamodb' | 's3' | 'sns' | 'events' | 'lambda';

/** A clock that every part reads; `advance` moves it for the host, the emulators and all workers at once. */
export interface Clock {
  /** Epoch milliseconds, offset included. */
  now(): number;
  advance(seconds: number): void;
  /** Called after each advance, so that schedules, TTL and pollers can catch up at once. */
  onAdvance(listener: () => void): void;
  /** A BigInt64Array cell with the offset in milliseconds, shared with worker threads. */
  readonly offsetCell: SharedArrayBuffer;
}

/** One resource of the template with every intrinsic resolved (Ref, GetAtt, Sub, Join, conditions, …). */
export interface HostedResource {
  readonly logicalId: string;
  /** `AWS::SQS::Queue` … */
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** What `Ref` gives: a name, URL or id, as CloudFormation documents it for the type. */
  readonly physicalId: string;
  /** What `GetAtt Arn` gives, where the type has an ARN. */
  readonly arn?: string;
  /** Folder name of the function (`accept-message`) for AWS::Lambda::Function; undefined elsewhere. */
  readonly functionName?: string;
  /** Absolute path of the asset folder for AWS::Lambda::Function. */
  readonly assetPath?: string;
}

export interface Assembly {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  readonly resources: readonly HostedResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  byType(type: string): readonly HostedResource[];
  byLogicalId(logicalId: string): HostedResource;
  byArn(arn: string): HostedResource | undefined;
}

/**
 * Who calls: a function's worker (its role's policies apply), an AWS service (resource policies apply), or the person at
 * this machine, who may invoke functions and nothing else.
 */
export type Caller =
  | {
      readonly kind: 'function';
      readonly functionLogicalId: string;
      readonly functionName: string;
      readonly workerId: string;
    }
  | { readonly kind: 'service'; readonly principal: string; readonly sourceArn: string }
  | { readonly kind: 'operator'; readonly principal: 'operator' };

export interface ServiceRequest {
  readonly service: ServiceName;
  /** `SendMessageBatch`, `PutItem`, `GetObject`, `SendEmail`, … */
  readonly operation: string;
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly caller: Caller;
}

export interface ServiceResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A service behind the gateway: an emulator proxied over HTTP, or our own stand-in. */
export interface ServiceBackend {
  handle(request: ServiceRequest): Promise<ServiceResponse>;
}

type Attributes = Readonly<Record<string, unknown>>;

/** One change of an item, as GetRecords of DynamoDB Streams and Lambda spell it. */
export interface StreamRecord {
  /** Unique. */
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: {
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Attributes;
    readonly NewImage?: Attributes;
    readonly OldImage?: Attributes;
    /** Digits, as many in every record, that grow. */
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
  /** Where the time to live deleted the item. */
  readonly userIdentity?: { readonly type: 'Service'; readonly principalId: 'dynamodb.amazonaws.com' };
}

/** What waits in the streams of the template's tables, seen past the gateway. A stream is named by its ARN. */
export interface StreamReader {
  shardIds(streamArn: string): readonly string[];
  /** Records of a shard that come after a sequence number, the oldest first; `''` comes before all. */
  recordsAfter(streamArn: string, shardId: string, sequenceNumber: string): readonly StreamRecord[];
  /** The last sequence number that was given out; `''` where there was none. */
  latest(streamArn: string): string;
  /** Drops what every reader of a shard has passed, the sequence number included. */
  forget(streamArn: string, shardId: string, sequenceNumber: string): void;
}

/** One billed thing. `usd` is computed by the meter from its price list. */
export interface Usage {
  readonly functionName: string;
  readonly service: ServiceName | 'apigateway' | 'logs';
  readonly operation: string;
  readonly requests: number;
  readonly units: number;
  /** `WRU`, `RRU`, `64KB chunk`, `512KB chunk`, `GB-s`, `request`, `recipient`, `GB`, … */
  readonly unit: string;
}

export interface Meter {
  record(usage: Usage): void;
}

export type FaultDecision =
  | { readonly kind: 'none' }
  | { readonly kind: 'throttle' }
  | { readonly kind: 'error' }
  | { readonly kind: 'latency'; readonly ms: number }
  | { readonly kind: 'reply-lost' }
  | { readonly kind: 'crash'; readonly when: 'before' | 'after' };

/** Fault rules as `POST /_local/faults` takes them; rolled in order, the first hit wins. */
export interface Faults {
  roll(service: ServiceName, operation: string): FaultDecision;
}

/** The one AWS endpoint that every function's SDK talks to. */
export interface Gateway {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** Credentials that tell the gateway which function and which worker calls. */
  issueCredentials(
    functionLogicalId: string,
    workerId: string,
  ): { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /** A call made by AWS itself or on a function's behalf (pollers, SNS fan-out, EventBridge targets): same authorising, metering and faults. */
  call(request: ServiceRequest): Promise<ServiceResponse>;
  /** The host registers how to kill a worker (fault `crash`). */
  onCrash(killWorker: (workerId: string) => void): void;
  close(): Promise<void>;
}

/** What one invocation gives back, as the Lambda service would. */
export type InvocationResult =
  | { readonly kind: 'ok'; readonly payload: unknown; readonly durationMs: number }
  | {
      readonly kind: 'error';
      readonly errorType: string;
      readonly message: string;
      readonly durationMs: number;
    }
  | { readonly kind: 'timeout'; readonly durationMs: number }
  | { readonly kind: 'crashed'; readonly durationMs: number };

/** What a streamed answer says before its first byte. */
export interface StreamHead {
  readonly contentType: string;
  /** JSON with `statusCode`, `headers` and `cookies`, where the function gave them. */
  readonly prelude?: string;
}

/** Takes a streamed answer while its function still runs. */
export interface ResponseSink {
  /** Once, before any chunk. */
  begin(head: StreamHead): void;
  /** Resolves when the reader has room for more or is gone; until then nothing more comes. */
  write(chunk: Uint8Array): Promise<void>;
}

export interface LambdaHost {
  /**
   * A function that streams writes into `sink`, and its result has no payload; without one, what it streams is the
   * payload.
   */
  invoke(functionLogicalId: string, event: unknown, sink?: ResponseSink): Promise<InvocationResult>;
  killWorker(workerId: string): void;
  close(): Promise<void>;
}

/** A mail as the inbox's SMTP server received it. */
export interface InboxMail {
  readonly id: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** The full MIME text. */
  readonly raw: string;
  /** ISO 8601, by the local clock. */
  readonly receivedAt: string;
  /** Empty where SES was told none, and for mail from elsewhere; so are the pool and the tenant. */
  readonly configurationSet: string;
  readonly pool: string;
  readonly tenant: string;
}
