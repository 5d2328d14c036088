import { CATALOG_COLLECTIONS, CONTENT_PREFIXES, type FunctionName } from '../../shared/contract/resources.ts';
import type { MessageStore } from './message-store.ts';
import type { Grant } from './pipeline-function.ts';
import type { SendingIdentity } from './sending-identity.ts';
import type { TransactionalStream } from './transactional-stream.ts';
import type { WorkQueue } from './work-queue.ts';

/** What functions may be given access to. */
export interface GrantedParts {
  readonly store: MessageStore;
  readonly sendQueue: WorkQueue;
  readonly attachmentQueue: WorkQueue;
  readonly eventQueue: WorkQueue;
  readonly stream: TransactionalStream;
  readonly identities: readonly SendingIdentity[];
}

/** Every function with what it may do and nothing else. */
export function grantsOf(parts: GrantedParts): Readonly<Record<FunctionName, readonly Grant[]>> {
  const { sendQueue, attachmentQueue, eventQueue, stream, identities } = parts;
  const { messages, suppressions, catalog, objects, missingObjects } = grantsTo(parts.store);
  const enqueue = [sendQueue.sendGrant, attachmentQueue.sendGrant];

  return {
    'accept-message': [
      messages('GetItem', 'PutItem', 'DeleteItem'),
      catalog(['GetItem'], 'signingKey', 'apiKeys'),
      catalog(['PutItem'], 'messageDays'),
      objects('s3:PutObject', 'bodies', 'uploaded'),
      ...enqueue,
    ],
    'control-api': [
      messages('GetItem', 'PutItem', 'DeleteItem', 'Query'),
      suppressions('GetItem', 'PutItem', 'DeleteItem', 'Query'),
      catalog(['GetItem'], 'signingKey'),
      catalog(['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'], 'apiKeys'),
      catalog(['PutItem', 'Query'], 'messageDays'),
      catalog(['DeleteItem'], 'deployment'),
      objects('s3:PutObject', 'bodies', 'uploaded'),
      objects('s3:GetObject', 'bodies', 'uploaded', 'fetched'),
      ...enqueue,
    ],
    'fetch-attachments': [
      attachmentQueue.consumeGrant,
      sendQueue.sendGrant,
      objects('s3:PutObject', 'fetched'),
    ],
    'send-message': [
      sendQueue.consumeGrant,
      sendQueue.sendGrant,
      messages('GetItem', 'Query', 'UpdateItem', 'PutItem', 'DeleteItem'),
      suppressions('GetItem', 'BatchGetItem'),
      objects('s3:GetObject', 'bodies', 'uploaded', 'fetched'),
      missingObjects,
      objects('s3:DeleteObject', 'bodies', 'uploaded', 'fetched'),
      {
        actions: ['ses:SendEmail'],
        resources: [stream.configurationSetArn, ...identities.map((identity) => identity.identityArn)],
      },
    ],
    'record-event': [
      eventQueue.consumeGrant,
      eventQueue.sendGrant,
      messages('GetItem', 'Query', 'PutItem', 'UpdateItem'),
      suppressions('GetItem', 'PutItem', 'DeleteItem'),
    ],
    sweep: [
      messages('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'),
      catalog(['GetItem', 'PutItem'], 'sweepCursors'),
      catalog(['Query'], 'messageDays'),
      objects('s3:GetObject', 'bodies', 'fetched'),
      missingObjects,
      ...enqueue,
    ],
    'create-bootstrap-key': [
      catalog(['GetItem', 'PutItem'], 'deployment', 'signingKey'),
      catalog(['PutItem'], 'apiKeys'),
    ],
  };
}

type Collection = keyof typeof CATALOG_COLLECTIONS;
type Prefix = keyof typeof CONTENT_PREFIXES;

/** Grants in the words of the store; table actions come without their `dynamodb:`. */
function grantsTo({ messages, suppressions, catalog, content }: MessageStore) {
  const onTable =
    (tableArn: string) =>
    (...actions: readonly string[]): Grant => ({ actions: actions.map(inDynamoDb), resources: [tableArn] });

  return {
    messages: onTable(messages.tableArn),
    suppressions: onTable(suppressions.tableArn),
    /** Bound to collections by their partition keys: the signing key is not everybody's. */
    catalog: (actions: readonly string[], ...collections: readonly Collection[]): Grant => ({
      ...onTable(catalog.tableArn)(...actions),
      conditions: {
        'ForAllValues:StringEquals': {
          'dynamodb:LeadingKeys': collections.map((collection) => CATALOG_COLLECTIONS[collection]),
        },
      },
    }),
    objects: (action: string, ...prefixes: readonly Prefix[]): Grant => ({
      actions: [action],
      resources: prefixes.map((prefix) => content.arnForObjects(`${CONTENT_PREFIXES[prefix]}*`)),
    }),
    /** Without it S3 answers 403 for a key that is not there, and absence could not be told from refusal. */
    missingObjects: { actions: ['s3:ListBucket'], resources: [content.bucketArn] } satisfies Grant,
  };
}

const inDynamoDb = (action: string): string => `dynamodb:${action}`;
