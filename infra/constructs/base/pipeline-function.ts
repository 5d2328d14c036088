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
import type { FunctionName } from '../../../shared/resources.ts';
import { acknowledge } from './acknowledge.ts';

/** One thing a function may do: actions on resources, and on nothing else. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface PipelineFunctionProps {
  /** Folder under `functions/`; its bundle is the code. */
  readonly name: FunctionName;
  /** Where the bundles are. */
  readonly distDir: string;
  readonly memoryMb: number;
  readonly timeout: Duration;
  /** Values for the variables that `ENVIRONMENT` names for it. */
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
    this.acknowledgeWildcards(props.grants);
  }

  /** cdk-nag wants every wildcard named: the objects below one prefix of the content bucket, and the sending identities. */
  private acknowledgeWildcards(grants: readonly Grant[]): void {
    const wildcards = new Set(
      grants.flatMap(({ resources }) => resources).filter((arn) => arn.endsWith('*')),
    );
    for (const arn of wildcards)
      acknowledge(this.role, `AwsSolutions-IAM5[Resource::${this.nagName(arn)}]`, reasonOf(arn));
  }

  /** `<LogicalId.Arn>/prefix/*`, as cdk-nag prints a joined ARN. */
  private nagName(arn: string): string {
    if (arn === '*') return arn;
    const { 'Fn::Join': join } = Stack.of(this).resolve(arn) as { 'Fn::Join': [string, unknown[]] };
    return join[1].map((part) => (typeof part === 'string' ? part : `<${attributeOf(part)}>`)).join('');
  }
}

function reasonOf(arn: string): string {
  if (arn === '*')
    return 'SES knows no resource for its account: its rate and quota are read, and nothing else.';
  return arn.includes(':identity/')
    ? 'Domains are added while the stack runs; the grant ends at the sending identities of the account.'
    : 'Keys are made per message; the grant ends at one prefix of the content bucket.';
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
