import { createHash } from 'node:crypto';
import { DEFAULT_EVENT_BUS, eventBusName } from './event-bus-name.ts';
import { functionUrlDomain } from './function-url-domain.ts';
import { dkimSelector, templateTenantId } from './ses-names.ts';
import { tableStreamArn } from './table-stream-arn.ts';

export interface Place {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  /** `http://127.0.0.1:<port>`: queue URLs must lead to the gateway. */
  readonly queueUrlBase: string;
  /** `http://127.0.0.1:<port>`: where the API and the function URLs answer; without it they have the hosts of AWS. */
  readonly publicUrl?: string;
}

export interface Identifiers {
  readonly physicalId: string;
  readonly arn?: string;
}

type Properties = Readonly<Record<string, unknown>>;
type Identify = (properties: Properties, name: string, place: Place) => Identifiers;

const arn = (service: string, resource: string, { region, accountId }: Place) =>
  `arn:aws:${service}:${region}:${accountId}:${resource}`;
/** The unlike end of a logical id is its hash, so the front is cut. */
const LONGEST_BUCKET_NAME = 63;
const named = (value: unknown, fallback: string) => (typeof value === 'string' ? value : fallback);

/** Values of `Ref` and `GetAtt Arn` per type, as CloudFormation's resource reference gives them. */
const IDENTIFY: Readonly<Record<string, Identify>> = {
  'AWS::DynamoDB::Table': ({ TableName }, name, place) => {
    const physicalId = named(TableName, name);
    return { physicalId, arn: arn('dynamodb', `table/${physicalId}`, place) };
  },
  'AWS::Events::EventBus': ({ Name }, name, place) => {
    const physicalId = named(Name, name);
    return { physicalId, arn: arn('events', `event-bus/${physicalId}`, place) };
  },
  'AWS::Events::Rule': ({ Name, EventBusName }, name, place) => {
    const [physicalId, busName] = [named(Name, name), eventBusName(EventBusName)];
    const path = busName === DEFAULT_EVENT_BUS ? physicalId : `${busName}/${physicalId}`;
    return { physicalId, arn: arn('events', `rule/${path}`, place) };
  },
  'AWS::IAM::Role': ({ RoleName }, name, { accountId }) => {
    const physicalId = named(RoleName, name);
    return { physicalId, arn: `arn:aws:iam::${accountId}:role/${physicalId}` };
  },
  'AWS::Lambda::Function': ({ FunctionName }, name, place) => {
    const physicalId = named(FunctionName, name);
    return { physicalId, arn: arn('lambda', `function:${physicalId}`, place) };
  },
  // `Ref` is the function's ARN, under which the function itself is found.
  'AWS::Lambda::Url': ({ TargetFunctionArn }, name) => ({ physicalId: named(TargetFunctionArn, name) }),
  'AWS::Logs::LogGroup': ({ LogGroupName }, name, place) => {
    const physicalId = named(LogGroupName, name);
    return { physicalId, arn: `${arn('logs', `log-group:${physicalId}`, place)}:*` };
  },
  'AWS::S3::Bucket': ({ BucketName }, name, _place) => {
    const physicalId = named(BucketName, name.toLowerCase().slice(-LONGEST_BUCKET_NAME).replace(/^-+/, ''));
    return { physicalId, arn: `arn:aws:s3:::${physicalId}` };
  },
  'AWS::SES::ConfigurationSet': ({ Name }, name, place) => {
    const physicalId = named(Name, name);
    return { physicalId, arn: arn('ses', `configuration-set/${physicalId}`, place) };
  },
  'AWS::SES::DedicatedIpPool': ({ PoolName }, name, place) => {
    const physicalId = named(PoolName, name);
    return { physicalId, arn: arn('ses', `dedicated-ip-pool/${physicalId}`, place) };
  },
  'AWS::SES::EmailIdentity': ({ EmailIdentity }, name, place) => {
    const physicalId = named(EmailIdentity, name);
    return { physicalId, arn: arn('ses', `identity/${physicalId}`, place) };
  },
  'AWS::SES::Tenant': ({ TenantName }, name, place) => {
    const physicalId = named(TenantName, name);
    return { physicalId, arn: arn('ses', `tenant/${physicalId}/${templateTenantId(physicalId)}`, place) };
  },
  'AWS::SNS::Topic': ({ TopicName }, name, place) => {
    const topicArn = arn('sns', named(TopicName, name), place);
    return { physicalId: topicArn, arn: topicArn };
  },
  'AWS::SQS::Queue': ({ QueueName }, name, place) => {
    const queueName = named(QueueName, name);
    return {
      physicalId: `${place.queueUrlBase}/${place.accountId}/${queueName}`,
      arn: arn('sqs', queueName, place),
    };
  },
  'AWS::ApiGatewayV2::Stage': ({ StageName }, name) => ({ physicalId: named(StageName, name) }),
  'AWS::ApiGatewayV2::Api': (_properties, name) => ({ physicalId: shortHash(name) }),
};

export function identify(type: string, logicalId: string, properties: Properties, place: Place): Identifiers {
  const generatedName = `${place.stackName}-${logicalId}`;
  return IDENTIFY[type]?.(properties, generatedName, place) ?? { physicalId: generatedName };
}

/** The type of a resource that the template refers to and does not define. */
export const UNDEFINED = 'undefined';

type Attribute = (ids: Identifiers, place: Place) => string;

const arnOf: Attribute = ({ arn: own, physicalId }) => own ?? physicalId;
const nameOf: Attribute = ({ arn: own, physicalId }) => own?.split(':').at(-1) ?? physicalId;

/** Other attributes that templates ask for; one that means something else elsewhere has its type before it. */
const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  Arn: arnOf,
  QueueName: nameOf,
  'AWS::DynamoDB::Table StreamArn': (ids, place) => tableStreamArn(arnOf(ids, place)),
  ApiEndpoint: ({ physicalId }, { publicUrl, region }) =>
    publicUrl ?? `https://${physicalId}.execute-api.${region}.amazonaws.com`,
  FunctionUrl: ({ physicalId }, { publicUrl, region }) =>
    `${publicUrl ?? `https://${functionUrlDomain(physicalId, region)}`}/`,
};

export function attributeOf(type: string, attribute: string, ids: Identifiers, place: Place): string {
  if (type === UNDEFINED) return arnOf(ids, place);
  const give = ATTRIBUTES[`${type} ${attribute}`] ?? ATTRIBUTES[attribute];
  if (give) return give(ids, place);
  const token = /^DkimDNSToken(Name|Value)(\d)$/.exec(attribute);
  if (token) return dkimToken(ids.physicalId, token[1] ?? '', token[2] ?? '');
  throw new Error(`The local cloud does not know the attribute ${attribute} of ${type}`);
}

const dkimToken = (domain: string, part: string, number: string): string => {
  const selector = dkimSelector(domain, number);
  return part === 'Name' ? `${selector}._domainkey.${domain}` : `${selector}.dkim.amazonses.com`;
};

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 10);
