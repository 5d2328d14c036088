import { CfnOutput } from 'aws-cdk-lib';
import { FunctionUrlAuthType, InvokeMode, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { FUNCTION_URL_PATHS } from '../../../shared/resources.ts';

interface LiveTailProps {
  readonly tailEvents: LambdaFunction;
}

/**
 * A URL at which events stream as they happen. API Gateway's HTTP APIs buffer answers, so it is a function URL; who may
 * read is decided by the function, by API keys as everywhere.
 */
export class LiveTail extends Construct {
  constructor(scope: Construct, id: string, { tailEvents }: LiveTailProps) {
    super(scope, id);
    const { url } = tailEvents.addFunctionUrl({
      authType: FunctionUrlAuthType.NONE,
      invokeMode: InvokeMode.RESPONSE_STREAM,
    });
    new CfnOutput(this, 'Url', {
      description: 'Live tail of events, with an API key: GET, Server-Sent Events',
      // The URL ends in a slash.
      value: `${url}${FUNCTION_URL_PATHS['tail-events'].slice(1)}`,
    }).overrideLogicalId('EventStreamUrl');
  }
}
