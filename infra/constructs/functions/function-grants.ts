import { Stack } from 'aws-cdk-lib';
import { CATALOG_COLLECTIONS, CONTENT_PREFIXES, type FunctionName } from '../../../shared/resources.ts';
import type { ValidConfig } from '../../config.ts';
import type { Grant } from '../base/pipeline-function.ts';
import type { WorkQueue } from '../base/work-queue.ts';
import { streamGrants } from '../events/outbox.ts';
import type { SubscriberBus } from '../events/subscriber-bus.ts';
import type { MessageStore } from '../messages/message-store.ts';
import type { MailStream } from '../streams/mail-stream.ts';

/** What functions may be given access to. */
export interface GrantedParts {
  readonly config: Pick<ValidConfig, 'tenants'>;
  readonly store: MessageStore;
  readonly attachmentQueue: WorkQueue;
  readonly eventQueue: WorkQueue;
  readonly releaseQueue: WorkQueue;
  readonly webhookQueue: WorkQueue;
  /** For endpoints that are not known to be quick. */
  readonly slowWebhookQueue: WorkQueue;
  /** Undefined where no stream's events go to one. */
  readonly subscriberBus: SubscriberBus | undefined;
  readonly streams: readonly MailStream[];
}

/** Every function with what it may do and nothing else. */
export function grantsOf(parts: GrantedParts): Readonly<Record<FunctionName, readonly Grant[]>> {
  const { attachmentQueue, eventQueue, releaseQueue, webhookQueue, slowWebhookQueue, streams } = parts;
  const identities = [identitiesOf(parts.store)];
  const sendQueues = streams.map(({ sendQueue }) => sendQueue);
  const { messages, messagesOf, suppressions, catalog, events, objects, missingObjects } = grantsTo(
    parts.store,
  );
  const whereTenantsAre = (...grants: readonly Grant[]) => (parts.config.tenants === undefined ? [] : grants);
  const addsLinks = streams.some(({ hasUnsubscribe }) => hasUnsubscribe);
  const poolArns = streams.flatMap(({ standardPoolArn }) => standardPoolArn ?? []);
  const sets = streams.flatMap(({ configurationSetArns }) => configurationSetArns);
  const tenantsOfSes = (...actions: readonly string[]): Grant => ({
    actions: actions.map((action) => `ses:${action}`),
    resources: [tenantArnsOf(parts.store), ...sets, ...identities],
  });
  const toSendQueues = all(sendQueues.map(({ sendGrant }) => sendGrant));
  const enqueue = [toSendQueues, attachmentQueue.sendGrant];

  return {
    'accept-message': [
      messages('GetItem', 'PutItem', 'DeleteItem'),
      catalog(['GetItem'], 'signingKey', 'apiKeys', 'domains'),
      catalog(['PutItem'], 'messageDays'),
      catalog(['GetItem', 'UpdateItem'], 'dueMinutes'),
      objects('s3:PutObject', 'bodies', 'uploaded', 'scheduled'),
      ...whereTenantsAre(catalog(['GetItem'], 'tenants'), catalog(['UpdateItem'], 'tenantUsage')),
      ...enqueue,
    ],
    'control-api': [
      messages('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'),
      suppressions('GetItem', 'PutItem', 'DeleteItem', 'Query'),
      catalog(['GetItem'], 'signingKey'),
      catalog(['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'], 'apiKeys', 'domains', 'webhooks'),
      catalog(['GetItem', 'PutItem'], 'webhookHealth'),
      catalog(['GetItem', 'PutItem', 'DeleteItem'], 'domainNames'),
      {
        actions: IDENTITY_ACTIONS,
        resources: identities,
      },
      catalog(['PutItem', 'Query'], 'messageDays'),
      catalog(['GetItem', 'UpdateItem'], 'dueMinutes'),
      catalog(['GetItem', 'UpdateItem'], 'streams'),
      catalog(['Query'], 'warmUp'),
      catalog(['GetItem'], 'pace'),
      catalog(['GetItem', 'PutItem'], 'reputation'),
      events(['GetItem', 'Query'], 'log'),
      events(['GetItem', 'PutItem', 'Query'], 'webhook'),
      slowWebhookQueue.sendGrant,
      catalog(['DeleteItem'], 'deployment'),
      events(['GetItem', 'PutItem', 'Query'], 'metrics'),
      ...whereTenantsAre(
        catalog(['GetItem', 'PutItem', 'UpdateItem', 'Query'], 'tenants'),
        catalog(['GetItem', 'UpdateItem'], 'tenantUsage'),
        tenantsOfSes('CreateTenant', ...COMPLETE_TENANT, 'DeleteTenantResourceAssociation'),
      ),
      objects('s3:PutObject', 'bodies', 'uploaded', 'scheduled'),
      objects('s3:GetObject', 'bodies', 'uploaded', 'fetched', 'scheduled'),
      ...enqueue,
    ],
    'fetch-attachments': [attachmentQueue.consumeGrant, toSendQueues, objects('s3:PutObject', 'fetched')],
    'send-message': [
      all(sendQueues.map(({ consumeGrant }) => consumeGrant)),
      toSendQueues,
      messages('GetItem', 'Query', 'UpdateItem', 'PutItem', 'DeleteItem'),
      suppressions('GetItem', 'BatchGetItem'),
      objects('s3:GetObject', 'bodies', 'uploaded', 'fetched', 'scheduled'),
      missingObjects,
      objects('s3:DeleteObject', 'bodies', 'uploaded', 'fetched', 'scheduled'),
      catalog(['GetItem', 'PutItem'], 'pace', 'account'),
      catalog(['GetItem'], 'streams'),
      catalog(['GetItem', 'UpdateItem'], 'dueMinutes'),
      catalog(['GetItem', 'PutItem'], 'reputation'),
      ...(addsLinks ? [catalog(['GetItem'], 'signingKey')] : []),
      ...(poolArns.length === 0 ? [] : [catalog(['GetItem', 'UpdateItem'], 'warmUp')]),
      ...whereTenantsAre(catalog(['GetItem'], 'tenants')),
      ACCOUNT,
      {
        actions: ['ses:SendEmail'],
        resources: [...sets, ...identities],
      },
    ],
    'record-event': [
      eventQueue.consumeGrant,
      eventQueue.sendGrant,
      messages('GetItem', 'Query', 'PutItem', 'UpdateItem'),
      suppressions('GetItem', 'PutItem', 'DeleteItem'),
      catalog(['GetItem', 'PutItem'], 'reputation'),
      catalog(['UpdateItem'], 'streams', 'pace'),
      ...whereTenantsAre(catalog(['GetItem', 'UpdateItem'], 'tenants')),
    ],
    'publish-events': [
      ...streamGrants(parts.store),
      messages('GetItem', 'Query'),
      messagesOf(['PutItem'], 'failure'),
      suppressions('GetItem'),
      catalog(['Query'], 'webhooks', 'messageDays'),
      events(['GetItem', 'PutItem', 'Query'], 'log'),
      events(['GetItem', 'PutItem'], 'first'),
      webhookQueue.sendGrant,
      ...(parts.subscriberBus === undefined ? [] : [parts.subscriberBus.putGrant]),
    ],
    sweep: [
      messages('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'),
      catalog(['GetItem', 'PutItem'], 'sweepCursors'),
      catalog(['Query'], 'messageDays'),
      catalog(['GetItem', 'UpdateItem', 'Query', 'DeleteItem'], 'dueMinutes'),
      releaseQueue.sendGrant,
      catalog(['Query', 'UpdateItem'], 'domains'),
      { actions: ['ses:GetEmailIdentity'], resources: identities },
      events(['GetItem', 'PutItem'], 'metrics'),
      events(['Query'], 'log'),
      catalog(['GetItem', 'PutItem'], 'account'),
      catalog(['GetItem', 'PutItem', 'DeleteItem'], 'pace'),
      catalog(['GetItem', ...(poolArns.length === 0 ? [] : ['UpdateItem'])], 'streams'),
      ACCOUNT,
      ...(poolArns.length === 0
        ? []
        : [{ actions: ['ses:GetDedicatedIps'], resources: poolArns }, AUTO_WARM_UP]),
      ...whereTenantsAre(
        catalog(['GetItem', 'UpdateItem', 'Query'], 'tenants'),
        tenantsOfSes('CreateTenant', ...COMPLETE_TENANT),
      ),
      objects('s3:GetObject', 'bodies', 'fetched', 'scheduled'),
      missingObjects,
      ...enqueue,
    ],
    'release-due': [
      releaseQueue.consumeGrant,
      all([toSendQueues, attachmentQueue.sendGrant, releaseQueue.sendGrant, slowWebhookQueue.sendGrant]),
      messages('Query', 'PutItem'),
    ],
    'deliver-webhook': [
      all([webhookQueue.consumeGrant, slowWebhookQueue.consumeGrant]),
      all([webhookQueue.sendGrant, slowWebhookQueue.sendGrant]),
      catalog(['GetItem', 'UpdateItem'], 'webhooks', 'dueMinutes'),
      catalog(['GetItem', 'PutItem'], 'webhookHealth'),
      messagesOf(['PutItem'], 'due', 'failure'),
      events(['GetItem', 'PutItem', 'Query'], 'webhook'),
      events(['GetItem', 'Query'], 'log'),
    ],
    'tail-events': [
      catalog(['GetItem'], 'signingKey', 'apiKeys'),
      catalog(['Query', 'PutItem', 'DeleteItem'], 'tailViewers'),
      events(['Query'], 'log'),
    ],
    'create-bootstrap-key': [
      catalog(['GetItem', 'PutItem'], 'deployment', 'signingKey'),
      catalog(['PutItem'], 'apiKeys'),
    ],
  };
}

/** Rate and quota are of the account; IAM knows no smaller resource for them. */
const ACCOUNT: Grant = { actions: ['ses:GetAccount'], resources: ['*'] };

/** Of the account and of any address: IAM knows no smaller resource for them either. */
const AUTO_WARM_UP: Grant = {
  actions: ['ses:PutAccountDedicatedIpWarmupAttributes', 'ses:PutDedicatedIpWarmupAttributes'],
  resources: ['*'],
};

const IDENTITY_ACTIONS = [
  'ses:CreateEmailIdentity',
  'ses:GetEmailIdentity',
  'ses:DeleteEmailIdentity',
  'ses:PutEmailIdentityMailFromAttributes',
  'ses:PutEmailIdentityFeedbackAttributes',
  'ses:PutEmailIdentityDkimSigningAttributes',
];

/** What a tenant of SES is looked at and completed by. */
const COMPLETE_TENANT = ['GetTenant', 'ListTenantResources', 'CreateTenantResourceAssociation'];

const tenantArnsOf = (store: MessageStore): string =>
  Stack.of(store).formatArn({ service: 'ses', resource: 'tenant', resourceName: '*' });

/** Domains are added while the stack runs: which of them may send is what the functions decide. */
const identitiesOf = (store: MessageStore): string =>
  Stack.of(store).formatArn({ service: 'ses', resource: 'identity', resourceName: '*' });

/** One statement for the same actions on several resources. */
const all = (grants: readonly Grant[]): Grant => ({
  actions: grants[0]?.actions ?? [],
  resources: grants.flatMap(({ resources }) => resources),
});

type Collection = keyof typeof CATALOG_COLLECTIONS;
type Prefix = keyof typeof CONTENT_PREFIXES;

/** As `EVENTS_TABLE` says. */
type EventBuckets = 'log' | 'metrics' | 'webhook' | 'first';
type MessageBuckets = 'due' | 'failure';

/** Bound to kinds of buckets: what they begin with, up to the first `#`. */
const bucketsOf = (kinds: readonly string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': kinds.map((kind) => `${kind}#*`) },
});

/** Grants in the words of the store; table actions come without their `dynamodb:`. */
function grantsTo({ messages, suppressions, catalog, events, content }: MessageStore) {
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
    messagesOf: (actions: readonly string[], ...kinds: readonly MessageBuckets[]): Grant => ({
      ...onTable(messages.tableArn)(...actions),
      conditions: bucketsOf(kinds),
    }),
    events: (actions: readonly string[], ...kinds: readonly EventBuckets[]): Grant => ({
      ...onTable(events.tableArn)(...actions),
      conditions: bucketsOf(kinds),
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
