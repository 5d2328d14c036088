import { CfnOutput, CustomResource, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { BOOTSTRAP_TOKEN_KEY } from '../../../shared/resources.ts';

interface BootstrapKeyProps {
  /** Makes the key and answers CloudFormation itself. */
  readonly createBootstrapKey: LambdaFunction;
  /** The table in which the key waits to be read. */
  readonly catalog: Table;
}

/** Has the first API key made inside the account. It is in no template, output or log: one command reads it. */
export class BootstrapKey extends Construct {
  constructor(scope: Construct, id: string, { createBootstrapKey, catalog }: BootstrapKeyProps) {
    super(scope, id);
    new CustomResource(this, 'Key', {
      serviceToken: createBootstrapKey.functionArn,
      resourceType: 'Custom::BootstrapKey',
    });

    const key = JSON.stringify({
      collection: { S: BOOTSTRAP_TOKEN_KEY.collection },
      item: { S: BOOTSTRAP_TOKEN_KEY.item },
    });
    new CfnOutput(this, 'ReadCommand', {
      description: 'Prints the first API key',
      value: `aws dynamodb get-item --region ${Stack.of(this).region} --table-name ${catalog.tableName} --key '${key}' --query Item.token.S --output text`,
    }).overrideLogicalId('ReadBootstrapKeyCommand');
  }
}
