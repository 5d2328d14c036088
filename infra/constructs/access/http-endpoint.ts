import { CfnOutput, Duration } from 'aws-cdk-lib';
import { HttpApi, HttpMethod, HttpRoute, HttpRouteKey } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from '../base/acknowledge.ts';
import { createAlarm } from '../base/alarm.ts';

/** API Gateway waits 30 s for an answer; a function that goes on after that works for no caller. */
export const WITHIN_API_GATEWAY = Duration.seconds(28);

/**
 * The HTTPS endpoint, at the host's root as the official SDKs need it. It is there before the functions that answer it,
 * because others are told its URL.
 */
export class HttpEndpoint extends Construct {
  private readonly api: HttpApi;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', { description: 'Postlane, speaking the Resend contract' });
    new CfnOutput(this, 'Url', {
      description: 'Base URL for SDKs (RESEND_BASE_URL)',
      value: this.api.apiEndpoint,
    }).overrideLogicalId('ApiUrl');
    this.createErrorsAlarm();
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

  /** URL as the internet knows it, unless the config names a domain. */
  get url(): string {
    return this.api.apiEndpoint;
  }

  /**
   * Has a function answer `POST` at these paths.
   * @param id of the integration
   */
  serve(id: string, lambda: LambdaFunction, paths: readonly string[]): void {
    const integration = new HttpLambdaIntegration(id, lambda);
    for (const path of paths) this.api.addRoutes({ path, methods: [HttpMethod.POST], integration });
  }

  /** Has a function answer all other requests. */
  serveTheRest(lambda: LambdaFunction): void {
    // Where `defaultIntegration` would have put it: under another name it would be a second route for the same requests.
    new HttpRoute(this.api, 'DefaultRoute', {
      httpApi: this.api,
      routeKey: HttpRouteKey.DEFAULT,
      integration: new HttpLambdaIntegration('Control', lambda),
    });
  }

  /** Functions answer their own failures, so Lambda's error metric would stay silent: the status code is what callers see. */
  private createErrorsAlarm(): void {
    const metric = this.api.metricServerError({ period: Duration.minutes(5), statistic: 'Sum' });
    createAlarm(this, 'ErrorsAlarm', metric, {
      what: 'The API has answered with 5xx for ten minutes.',
      impact: 'applications cannot hand in mail; nothing that was answered with 200 is lost.',
      runbook: 'api-errors',
      threshold: 1,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
