import type { Assembly, HostedResource } from '../../assembly/assembly.ts';
import { listOf, type Statement } from './statement.ts';

interface PolicyDocument {
  readonly Statement: Statement | readonly Statement[];
}

const LOGS_ONLY: Statement = {
  Effect: 'Allow',
  Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: '*',
};

const statementsOf = (document: unknown): readonly Statement[] =>
  listOf<Statement>((document as PolicyDocument).Statement as Statement);

/** Everything the role of a function says: inline, attached and managed policies. Throws on an unknown managed one. */
export function statementsOfFunction(assembly: Assembly, functionLogicalId: string): readonly Statement[] {
  const roleArn = String(assembly.byLogicalId(functionLogicalId).properties.Role);
  const role = assembly.byArn(roleArn);
  if (!role) return [];
  if (role.properties.PermissionsBoundary !== undefined)
    throw new Error(`The local cloud does not know the PermissionsBoundary of ${role.logicalId}`);

  const inline = listOf<{ PolicyDocument: unknown }>(role.properties.Policies as never);
  const attached = assembly
    .byType('AWS::IAM::Policy')
    .filter(({ properties }) => listOf<string>(properties.Roles as never).includes(role.physicalId));
  return [
    ...inline.flatMap((policy) => statementsOf(policy.PolicyDocument)),
    ...attached.flatMap((policy) => statementsOf(policy.properties.PolicyDocument)),
    ...listOf<string>(role.properties.ManagedPolicyArns as never).map((arn) => managedStatement(arn, role)),
  ];
}

function managedStatement(arn: string, role: HostedResource): Statement {
  if (arn.endsWith('/AWSLambdaBasicExecutionRole')) return LOGS_ONLY;
  throw new Error(`The local cloud does not know the managed policy ${arn} of ${role.logicalId}`);
}

const RESOURCE_POLICIES = [
  { type: 'AWS::SQS::QueuePolicy', targets: 'Queues' },
  { type: 'AWS::SNS::TopicPolicy', targets: 'Topics' },
  { type: 'AWS::S3::BucketPolicy', targets: 'Bucket' },
] as const;

/** Resource policies by the ARN of what they protect. */
export function resourcePolicies(assembly: Assembly): ReadonlyMap<string, readonly Statement[]> {
  const byArn = new Map<string, readonly Statement[]>();
  const arnByReference = new Map(assembly.resources.map(({ physicalId, arn }) => [physicalId, arn]));

  for (const { type, targets } of RESOURCE_POLICIES)
    for (const { properties } of assembly.byType(type))
      for (const target of listOf<string>(properties[targets] as never)) {
        const arn = arnByReference.get(target) ?? target;
        byArn.set(arn, [...(byArn.get(arn) ?? []), ...statementsOf(properties.PolicyDocument)]);
      }
  return byArn;
}
