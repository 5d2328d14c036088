import type { Assembly, HostedResource } from '../ports.ts';

export interface SesIdentity {
  /** A domain or an address, lower-cased. */
  readonly name: string;
  readonly arn: string;
  readonly mailFromDomain: string | undefined;
  readonly behaviorOnMxFailure: string;
  readonly configurationSet: string | undefined;
}

export interface EventDestination {
  /** SES's names without separators, lower-cased: `deliverydelay`. */
  readonly eventTypes: ReadonlySet<string>;
  /** `undefined`: the destination is EventBridge's default bus. */
  readonly topicArn: string | undefined;
}

export interface ConfigurationSet {
  readonly name: string;
  readonly arn: string;
  /** Empty where the template names no pool. */
  readonly pool: string;
  readonly sendingEnabled: boolean;
  readonly destinations: readonly EventDestination[];
}

export interface SesResources {
  readonly accountId: string;
  readonly region: string;
  readonly tenants: ReadonlySet<string>;
  findConfigurationSet(name: string): ConfigurationSet | undefined;
  findIdentity(name: string): SesIdentity | undefined;
  /** The identity that lets `address` send: the address itself, its domain, or a domain above it. */
  findSendingIdentity(address: string): SesIdentity | undefined;
}

/** Reads the `AWS::SES::*` resources; identities count as verified from the start. */
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

  const setsByName = new Map(sets.map((set) => [set.name, set]));
  const identitiesByName = new Map(identities.map((identity) => [identity.name, identity]));
  return {
    accountId: assembly.accountId,
    region: assembly.region,
    tenants: new Set(assembly.byType('AWS::SES::Tenant').map(({ physicalId }) => physicalId)),
    findConfigurationSet: (name) => setsByName.get(name),
    findIdentity: (name) => identitiesByName.get(name.toLowerCase()),
    findSendingIdentity: (address) =>
      candidates(address.toLowerCase())
        .map((name) => identitiesByName.get(name))
        .find((identity) => identity !== undefined),
  };
}

/** A verified domain covers its subdomains (SES guide, verified identities). */
function candidates(address: string): string[] {
  const labels = address.slice(address.lastIndexOf('@') + 1).split('.');
  return [address, ...labels.map((_, index) => labels.slice(index).join('.'))];
}

function toIdentity(resource: HostedResource, name: string, arn: string): SesIdentity {
  return {
    name,
    arn,
    mailFromDomain: text(resource, 'MailFromAttributes', 'MailFromDomain'),
    behaviorOnMxFailure: text(resource, 'MailFromAttributes', 'BehaviorOnMxFailure') ?? 'USE_DEFAULT_VALUE',
    configurationSet: text(resource, 'ConfigurationSetAttributes', 'ConfigurationSetName'),
  };
}

/** `Enabled` defaults to false in CloudFormation; destinations other than EventBridge and SNS have no reader here. */
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

/** `deliveryDelay`, `DELIVERY_DELAY` and `Rendering Failure` are spellings of one list. */
export const eventTypeKey = (type: string): string => type.replace(/[ _]/g, '').toLowerCase();

function text(resource: HostedResource, group: string, name: string): string | undefined {
  const value = asRecord(resource.properties[group])[name];
  return value === undefined ? undefined : String(value);
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
