import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { CATALOG_COLLECTIONS, CONTENT_PREFIXES } from '../../../shared/resources.ts';
import type { Grant } from '../base/grant.ts';

type Collection = keyof typeof CATALOG_COLLECTIONS;
type Prefix = keyof typeof CONTENT_PREFIXES;

/** Buckets of the events table, as `EVENTS_TABLE` says. */
type EventBuckets = 'log' | 'metrics' | 'webhook' | 'first';
type MessageBuckets = 'due' | 'failure';

interface GrantedStore {
  readonly messages: Table;
  readonly suppressions: Table;
  readonly catalog: Table;
  readonly events: Table;
  readonly content: Bucket;
}

export type StoreGrants = ReturnType<typeof createStoreGrants>;

/** Grants in the words of the store; table actions come without their `dynamodb:`. */
export function createStoreGrants({ messages, suppressions, catalog, events, content }: GrantedStore) {
  return {
    messages: onTable(messages),
    suppressions: onTable(suppressions),
    /** Permission on collections, by their partition keys: the signing key is not for every function. */
    catalog: (actions: readonly string[], ...collections: readonly Collection[]): Grant => ({
      ...onTable(catalog)(...actions),
      conditions: {
        'ForAllValues:StringEquals': {
          'dynamodb:LeadingKeys': collections.map((collection) => CATALOG_COLLECTIONS[collection]),
        },
      },
    }),
    messagesOf: (actions: readonly string[], ...kinds: readonly MessageBuckets[]): Grant => ({
      ...onTable(messages)(...actions),
      conditions: bucketsOf(kinds),
    }),
    events: (actions: readonly string[], ...kinds: readonly EventBuckets[]): Grant => ({
      ...onTable(events)(...actions),
      conditions: bucketsOf(kinds),
    }),
    objects: (action: string, ...prefixes: readonly Prefix[]): Grant => ({
      actions: [action],
      resources: prefixes.map((prefix) => content.arnForObjects(`${CONTENT_PREFIXES[prefix]}*`)),
      wildcardReason: 'Keys are made per message; the grant ends at one prefix of the content bucket.',
    }),
    /**
     * Permission to list. Without it S3 answers 403 for a key that is not there, and absence could not be
     * told from refusal.
     */
    missingObjects: { actions: ['s3:ListBucket'], resources: [content.bucketArn] } satisfies Grant,
    /** Permissions that Lambda needs to read the tables' streams; it is not billed for. */
    tableStreams: {
      actions: [
        'dynamodb:DescribeStream',
        'dynamodb:GetRecords',
        'dynamodb:GetShardIterator',
        'dynamodb:ListStreams',
      ],
      resources: [messages, suppressions, catalog].map(streamArnOf),
    } satisfies Grant,
  };
}

/** ARN of a table's stream, for a table that has one. */
export function streamArnOf({ node, tableStreamArn }: Table): string {
  if (tableStreamArn === undefined) throw new Error(`${node.path} has no stream.`);
  return tableStreamArn;
}

const onTable =
  ({ tableArn }: Table) =>
  (...actions: readonly string[]): Grant => ({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [tableArn],
  });

/** Bound to kinds of buckets: what they begin with, up to the first `#`. */
const bucketsOf = (kinds: readonly string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': kinds.map((kind) => `${kind}#*`) },
});
