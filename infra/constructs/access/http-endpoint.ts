import { CfnOutput, Duration } from 'aws-cdk-lib';
import { HttpApi, HttpMethod, HttpRoute, HttpRouteKey } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { type Alarm, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from '../base/acknowledge.ts';
import { createAlarm } from '../base/alarm.ts';

export interface ServingFunctions {
  /** Answers `POST /emails` and `POST /emails/batch`. */
  readonly acceptMessage: LambdaFunction;
  /** Answers everything else. */
  readonly controlApi: LambdaFunction;
}

/**
 * The HTTPS endpoint, at the host's root as the official SDKs need it. It is there before the functions that answer it,
 * because others are told its URL.
 */
export class HttpEndpoint extends Construct {
  readonly api: HttpApi;
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', { description: 'Postlane, speaking the Resend contract' });
    new CfnOutput(this, 'Url', {
      description: 'Base URL for SDKs (RESEND_BASE_URL)',
      value: this.api.apiEndpoint,
    }).overrideLogicalId('ApiUrl');
    this.alarm = this.errorsAlarm();
    acknowledge(
      this.api,
      'AwsSolutions-APIG4',
      'API keys are checked inside the functions: an authoriser would answer with bodies that are not in the contract, and SDKs read those.',
    );
    acknowledge(
      this.api,
      'AwsSolutions-APIG1',
      'An access log line for each request would cost more than the function that answers it; messages and their timelines are the record.',
    );
  }

  /** Sends have a function of their own. */
  serve({ acceptMessage, controlApi }: ServingFunctions): void {
    // Where `defaultIntegration` would have put it: under another name it would be a second route for the same requests.
    new HttpRoute(this.api, 'DefaultRoute', {
      httpApi: this.api,
      routeKey: HttpRouteKey.DEFAULT,
      integration: new HttpLambdaIntegration('Control', controlApi),
    });
    const accept = new HttpLambdaIntegration('Accept', acceptMessage);
    for (const path of ['/emails', '/emails/batch'])
      this.api.addRoutes({ path, methods: [HttpMethod.POST], integration: accept });
  }

  /** Functions answer their own failures, so Lambda's error metric would stay silent: the status code is what callers see. */
  private errorsAlarm(): Alarm {
    const metric = this.api.metricServerError({ period: Duration.minutes(5), statistic: 'Sum' });
    return createAlarm(this, 'ErrorsAlarm', metric, {
      what: 'The API has answered with 5xx for ten minutes.',
      impact: 'applications cannot hand in mail; nothing that was answered with 200 is lost.',
      runbook: 'api-errors',
      threshold: 1,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
