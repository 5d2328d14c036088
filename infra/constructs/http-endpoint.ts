import { CfnOutput } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

export interface HttpEndpointProps {
  readonly acceptMessage: LambdaFunction;
  readonly controlApi: LambdaFunction;
}

/** The HTTPS endpoint, at the host's root as the official SDKs need it. Sends have a function of their own. */
export class HttpEndpoint extends Construct {
  constructor(scope: Construct, id: string, { acceptMessage, controlApi }: HttpEndpointProps) {
    super(scope, id);
    const api = new HttpApi(this, 'Api', {
      description: 'Postlane, speaking the Resend contract',
      defaultIntegration: new HttpLambdaIntegration('Control', controlApi),
    });
    const accept = new HttpLambdaIntegration('Accept', acceptMessage);
    for (const path of ['/emails', '/emails/batch'])
      api.addRoutes({ path, methods: [HttpMethod.POST], integration: accept });

    new CfnOutput(this, 'Url', {
      description: 'Base URL for SDKs (RESEND_BASE_URL)',
      value: api.apiEndpoint,
    });
    acknowledge(
      api,
      'AwsSolutions-APIG4',
      'API keys are checked inside the functions: an authoriser would answer with bodies that are not in the contract, and SDKs read those.',
    );
    acknowledge(
      api,
      'AwsSolutions-APIG1',
      'An access log line for each request would cost more than the function that answers it; messages and their timelines are the record.',
    );
  }
}
