/** Resource types whose behaviour the local cloud reproduces. */
const HOSTED = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CloudFormation::CustomResource',
  'AWS::DynamoDB::Table',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Url',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SES::ConfigurationSet',
  'AWS::SES::ConfigurationSetEventDestination',
  'AWS::SES::DedicatedIpPool',
  'AWS::SES::EmailIdentity',
  'AWS::SES::Tenant',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
]);

/**
 * Types that change nothing about how mail flows: those that watch, and those in which CDK notes things down.
 */
const WITHOUT_BEHAVIOUR = new Set([
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Logs::LogGroup',
]);

/** Tells whether a resource may be there or not and all goes the same way. */
export const isWithoutBehaviour = (type: string): boolean => WITHOUT_BEHAVIOUR.has(type);

/** Throws, naming type and logical id, where leaving the resource out would make the local cloud lie. */
export function assertHosted(logicalId: string, type: string): void {
  if (HOSTED.has(type) || isWithoutBehaviour(type) || type.startsWith('Custom::')) return;
  throw new Error(
    `The local cloud does not host ${type} (resource ${logicalId}). Remove it from the template, or teach local/ to host it.`,
  );
}
