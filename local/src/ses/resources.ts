import type { Assembly, HostedResource } from '../assembly/assembly.ts';
import { dkimSelector, templateTenantId } from '../assembly/ses-names.ts';
import { asRecord } from '../host/json.ts';
import { ACCOUNT_POOLS, type DedicatedIpPool } from './dedicated-ips/dedicated-ips.ts';
import type { SesIdentity } from './identities/identity.ts';
import { type SesTenant, tenantArn } from './tenants/tenant.ts';

export interface EventDestination {
  /** SES's names without separators, lower-cased: `deliverydelay`. */
  readonly eventTypes: ReadonlySet<string>;
  /** ARN of the topic; `undefined`: the destination is EventBridge's default bus. */
  readonly topicArn: string | undefined;
}

export interface ConfigurationSet {
  readonly name: string;
  readonly arn: string;
  /** Name of the pool; empty where the template names none. */
  readonly pool: string;
  readonly sendingEnabled: boolean;
  readonly destinations: readonly EventDestination[];
}

export interface SesResources {
  readonly accountId: string;
  readonly region: string;
  readonly tenants: readonly SesTenant[];
  readonly pools: readonly DedicatedIpPool[];
  findConfigurationSet(name: string): ConfigurationSet | undefined;
  /** Identities of the template; the account has others besides. */
  readonly identities: readonly SesIdentity[];
}

/**
 * Reads the `AWS::SES::*` resources; identities count as verified from the start. Throws for a configuration set whose
 * pool does not exist, or whose tracking domain is not verified: SES would not make it.
 */
export function readSesResources(assembly: Assembly): SesResources {
  const arn = (kind: string, name: string) =>
    `arn:aws:ses:${assembly.region}:${assembly.accountId}:${kind}/${name}`;
  const destinations = Map.groupBy(
    assembly.byType('AWS::SES::ConfigurationSetEventDestination'),
    ({ properties }) => String(properties.ConfigurationSetName),
  );

  const sets = assembly.byType('AWS::SES::ConfigurationSet').map((resource): ConfigurationSet => {
    const name = String(resource.properties.Name ?? resource.physicalId);
    return {
      name,
      arn: arn('configuration-set', name),
      pool: text(resource, 'DeliveryOptions', 'SendingPoolName') ?? '',
      sendingEnabled: text(resource, 'SendingOptions', 'SendingEnabled') !== 'false',
      destinations: (destinations.get(name) ?? []).flatMap(toDestination),
    };
  });
  const identities = assembly.byType('AWS::SES::EmailIdentity').map((resource) => {
    const name = String(resource.properties.EmailIdentity ?? resource.physicalId).toLowerCase();
    return toIdentity(resource, name, arn('identity', name));
  });

  const pools = assembly.byType('AWS::SES::DedicatedIpPool').map(toPool);
  assertPoolsExist(sets, pools);
  assertTrackingDomains(assembly.byType('AWS::SES::ConfigurationSet'), identities);
  const setsByName = new Map(sets.map((set) => [set.name, set]));
  return {
    accountId: assembly.accountId,
    region: assembly.region,
    tenants: assembly.byType('AWS::SES::Tenant').map((resource) => toTenant(resource, assembly)),
    pools,
    findConfigurationSet: (name) => setsByName.get(name),
    identities,
  };
}

const toPool = ({ physicalId, properties }: HostedResource): DedicatedIpPool => ({
  name: physicalId,
  scalingMode: properties.ScalingMode === 'MANAGED' ? 'MANAGED' : 'STANDARD',
});

function toTenant({ physicalId, properties }: HostedResource, { region, accountId }: Assembly): SesTenant {
  const associations = properties.ResourceAssociations;
  const { SuppressedReasons, SuppressionScope } = asRecord(properties.SuppressionAttributes);
  const id = templateTenantId(physicalId);
  return {
    ...{ name: physicalId, id, arn: tenantArn(`arn:aws:ses:${region}:${accountId}`, physicalId, id) },
    ...{ createdAtEpochMs: 0, customerStatus: 'ENABLED', sesStatus: 'ENABLED' },
    resources: (Array.isArray(associations) ? associations : []).map((each) =>
      String(asRecord(each).ResourceArn),
    ),
    ...(Array.isArray(SuppressedReasons) && {
      suppression: {
        SuppressedReasons: SuppressedReasons.map(String),
        SuppressionScope: String(SuppressionScope),
      },
    }),
  };
}

function assertPoolsExist(sets: readonly ConfigurationSet[], pools: readonly DedicatedIpPool[]): void {
  const names = new Set(['', ...ACCOUNT_POOLS, ...pools.map(({ name }) => name)]);
  const stray = sets.find(({ pool }) => !names.has(pool));
  if (stray)
    throw new Error(
      `SES makes no configuration set ${stray.name}: its dedicated IP pool ${stray.pool} does not exist`,
    );
}

/** Asserts that a tracking domain is verified, or is below one that is (InvalidTrackingOptionsException). */
function assertTrackingDomains(sets: readonly HostedResource[], identities: readonly SesIdentity[]): void {
  for (const set of sets) {
    const domain = text(set, 'TrackingOptions', 'CustomRedirectDomain');
    const isVerified = identities.some(({ name }) => domain === name || domain?.endsWith(`.${name}`));
    if (domain !== undefined && !isVerified)
      throw new Error(`SES makes no configuration set that tracks by ${domain}: it is no verified domain`);
  }
}

function toIdentity(resource: HostedResource, name: string, arn: string): SesIdentity {
  const verified = { status: 'SUCCESS', since: 0 } as const;
  const domain = text(resource, 'MailFromAttributes', 'MailFromDomain');
  const behaviorOnMxFailure = text(resource, 'MailFromAttributes', 'BehaviorOnMxFailure');
  const configurationSet = text(resource, 'ConfigurationSetAttributes', 'ConfigurationSetName');
  return {
    ...{ name, arn, dkim: verified },
    dkimTokens: name.includes('@') ? [] : [1, 2, 3].map((number) => dkimSelector(name, number)),
    ...(domain !== undefined && {
      mailFrom: { domain, behaviorOnMxFailure: behaviorOnMxFailure ?? 'USE_DEFAULT_VALUE', ...verified },
    }),
    ...(configurationSet !== undefined && { configurationSet }),
    isForwarding: text(resource, 'FeedbackAttributes', 'EmailForwardingEnabled') !== 'false',
  };
}

/**
 * Reads a destination. `Enabled` defaults to false in CloudFormation; destinations other than EventBridge and
 * SNS have no reader here.
 */
function toDestination(resource: HostedResource): EventDestination[] {
  const destination = asRecord(resource.properties.EventDestination);
  if (String(destination.Enabled) !== 'true') return [];

  const topicArn = asRecord(destination.SnsDestination).TopicARN;
  if (topicArn === undefined && destination.EventBridgeDestination === undefined) return [];
  const types = destination.MatchingEventTypes;
  return [
    {
      eventTypes: new Set((Array.isArray(types) ? types : []).map((type) => eventTypeKey(String(type)))),
      topicArn: topicArn === undefined ? undefined : String(topicArn),
    },
  ];
}

/**
 * Key of an event type: `deliveryDelay`, `DELIVERY_DELAY` and `Rendering Failure` are spellings of one list.
 */
export const eventTypeKey = (type: string): string => type.replace(/[ _]/g, '').toLowerCase();

function text(resource: HostedResource, group: string, name: string): string | undefined {
  const value = asRecord(resource.properties[group])[name];
  return value === undefined ? undefined : String(value);
}
