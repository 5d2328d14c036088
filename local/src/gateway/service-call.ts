/** Error of a call that came after the gateway was closed; it was not done and never will be. */
export class GatewayClosedError extends Error {
  constructor() {
    super('The gateway is closed');
    this.name = 'GatewayClosedError';
  }
}

/**
 * The seams between the rooms of the local cloud. Each room (`assembly/`, `gateway/`, `lambda/`, `http-front/`,
 * `ses/`, `sink/`) implements or consumes these and knows nothing else of its neighbours; `local-cloud.ts` joins them.
 */

/** Services the gateway dispatches to, by the name the SDK signs with (`ses` also for SESv2). */
export type ServiceName = 'ses' | 'sqs' | 'dynamodb' | 's3' | 'sns' | 'events' | 'lambda';

/**
 * The caller of an operation: a function's worker (its role's policies apply), an AWS service (resource
 * policies apply), or the person at this machine, who may invoke functions and nothing else.
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
  /** Registers how the host kills a worker (fault `crash`). */
  onCrash(killWorker: (workerId: string) => void): void;
  close(): Promise<void>;
}
