/** One resource of the template with every intrinsic resolved (Ref, GetAtt, Sub, Join, conditions, …). */
export interface HostedResource {
  readonly logicalId: string;
  /** `AWS::SQS::Queue` … */
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Value of `Ref`: a name, URL or id, as CloudFormation documents it for the type. */
  readonly physicalId: string;
  /** Value of `GetAtt Arn`, if the type has an ARN. */
  readonly arn?: string;
  /** Folder name of the function (`accept-message`) for AWS::Lambda::Function; undefined elsewhere. */
  readonly functionName?: string;
  /** Absolute path of the asset folder for AWS::Lambda::Function. */
  readonly assetPath?: string;
}

export interface Assembly {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  readonly resources: readonly HostedResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  byType(type: string): readonly HostedResource[];
  byLogicalId(logicalId: string): HostedResource;
  byArn(arn: string): HostedResource | undefined;
}
