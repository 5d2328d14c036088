import { join } from 'node:path';
import { type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Grant } from './grant.ts';

interface PipelineFunctionProps {
  /** Folder under `functions/`; its bundle is the code. */
  readonly name: string;
  /** Folder of the bundles. */
  readonly distDir: string;
  readonly memoryMb: number;
  readonly timeout: Duration;
  /** Exactly the variables that its handler parses. */
  readonly environment: Readonly<Record<string, string>>;
  /** The whole of what its role allows, besides its own log group. */
  readonly grants: readonly Grant[];
}

/**
 * A Lambda function with a role written by hand and a log group of its own. Platform lines (START, END, REPORT) stay
 * off: at $0.50 per GB they would cost more than the function's own lines.
 */
export class PipelineFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const statements = [
      ...props.grants.map(toStatement),
      toStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    ];
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What ${props.name} may do`,
      inlinePolicies: { own: new PolicyDocument({ statements }) },
    });
    this.lambda = new LambdaFunction(this, 'Function', {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(join(props.distDir, props.name)),
      role: this.role.withoutPolicyUpdates(),
      memorySize: props.memoryMb,
      timeout: props.timeout,
      environment: { POSTLANE_FUNCTION: props.name, ...props.environment },
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel.WARN,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
    });
    this.acknowledgeWildcards(props);
  }

  /** Acknowledges wildcards: cdk-nag wants every one named; a grant says why it has one. */
  private acknowledgeWildcards({ name, grants }: PipelineFunctionProps): void {
    const reasons = new Map<string, string>();
    for (const { resources, wildcardReason } of grants) {
      for (const arn of resources.filter((each) => each.endsWith('*'))) {
        if (wildcardReason === undefined)
          throw new Error(`A grant of ${name} does not say why it has ${arn}.`);
        reasons.set(this.nagName(arn), reasons.get(this.nagName(arn)) ?? wildcardReason);
      }
    }
    for (const [arn, reason] of reasons)
      acknowledge(this.role, `AwsSolutions-IAM5[Resource::${arn}]`, reason);
  }

  /** `<LogicalId.Arn>/prefix/*`, as cdk-nag prints a joined ARN. */
  private nagName(arn: string): string {
    if (arn === '*') return arn;
    const { 'Fn::Join': join } = Stack.of(this).resolve(arn) as { 'Fn::Join': [string, unknown[]] };
    return join[1].map((part) => (typeof part === 'string' ? part : `<${attributeOf(part)}>`)).join('');
  }
}

const attributeOf = (part: unknown): string => {
  const { Ref, 'Fn::GetAtt': attribute = [] } = part as { Ref?: string; 'Fn::GetAtt'?: readonly string[] };
  return Ref ?? attribute.join('.');
};

const toStatement = ({ actions, resources, conditions }: Grant) =>
  new PolicyStatement({
    effect: Effect.ALLOW,
    actions: [...actions],
    resources: [...resources],
    ...(conditions === undefined ? {} : { conditions }),
  });
