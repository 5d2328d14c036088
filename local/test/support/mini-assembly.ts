import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;

/** Calls AWS with the credentials of the environment, as far as the gateway looks at a signature. */
const CALL_AWS = `
const callAws = async (service, target, input) => {
  const credential = process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/' + service + '/aws4_request';
  const answer = await fetch(process.env.AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target,
      authorization: 'AWS4-HMAC-SHA256 Credential=' + credential + ', SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(input),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(JSON.stringify(body));
  return body;
};
const put = (collection, item, more) => callAws('dynamodb', 'DynamoDB_20120810.PutItem',
  { TableName: process.env.TABLE, Item: { collection: { S: collection }, item: { S: item }, ...more } });
`;

const FUNCTIONS = {
  api: `${CALL_AWS}
exports.handler = async (event) => {
  const { method } = event.requestContext.http;
  if (event.rawPath === '/hang') await new Promise((resolve) => setTimeout(resolve, 60000));
  if (method === 'POST') {
    await callAws('sqs', 'AmazonSQS.SendMessage', { QueueUrl: process.env.QUEUE_URL, MessageBody: event.body });
    return { statusCode: 202, body: event.headers.authorization ?? '' };
  }
  const { Items } = await callAws('dynamodb', 'DynamoDB_20120810.Query', {
    TableName: process.env.TABLE, KeyConditionExpression: '#c = :c',
    ExpressionAttributeNames: { '#c': 'collection' },
    ExpressionAttributeValues: { ':c': { S: event.rawPath.slice(1) } },
  });
  return Items.map(({ item }) => item.S);
};`,
  consume: `${CALL_AWS}
exports.handler = async (event) => {
  for (const { body } of event.Records) await put('consumed', body);
};`,
  follow: `${CALL_AWS}
exports.handler = async (event) => {
  for (const { dynamodb } of event.Records) await put('followed', dynamodb.NewImage.item.S);
};`,
  tick: `${CALL_AWS}
exports.handler = async (event) => put('ticks', event.time);`,
  create: `${CALL_AWS}
exports.handler = async (event) => {
  let reply = { Status: 'SUCCESS' };
  try {
    await put('deployment', 'bootstrap-token', { token: { S: 're_bootstrap' } });
  } catch (error) {
    reply = { Status: 'FAILED', Reason: error.message };
  }
  await fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify(reply) });
};`,
  tail: `
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  const head = { statusCode: 200, headers: { 'content-type': 'text/event-stream' } };
  awslambda.HttpResponseStream.from(stream, head).write('data: ' + process.env.API_URL + '\\n\\n');
  await new Promise((resolve) => setTimeout(resolve, 60000));
});`,
};

/** Folders of functions that do not go by the name of their resource. */
const FOLDERS: Partial<Record<keyof typeof FUNCTIONS, string>> = { tail: 'tail-events' };

const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const STREAM_ARN = { 'Fn::GetAtt': ['Table', 'StreamArn'] };

function aFunction(dir: string, name: keyof typeof FUNCTIONS): Resources {
  mkdirSync(join(dir, `asset.${name}`));
  writeFileSync(join(dir, `asset.${name}`, 'index.js'), FUNCTIONS[name]);
  const allow = (Action: string, Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
  return {
    [`${name}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
        Policies: [
          {
            PolicyName: 'all',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [allow('dynamodb:*', [arnOf('Table'), STREAM_ARN]), allow('sqs:*', arnOf('Queue'))],
            },
          },
        ],
      },
    },
    [name]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        ...{ Handler: 'index.handler', Runtime: 'nodejs24.x', MemorySize: 256, Timeout: 20 },
        Role: arnOf(`${name}Role`),
        Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
        Environment: {
          Variables: {
            ...{
              POSTLANE_FUNCTION: FOLDERS[name] ?? name,
              TABLE: { Ref: 'Table' },
              QUEUE_URL: { Ref: 'Queue' },
            },
            API_URL: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] },
          },
        },
      },
    },
  };
}

const aPermission = (target: string, principal: string, more = {}): Resources[string] => ({
  Type: 'AWS::Lambda::Permission',
  Properties: { Action: 'lambda:InvokeFunction', FunctionName: arnOf(target), Principal: principal, ...more },
});

/**
 * A small cloud assembly of its own: an API, a function URL that streams, a queue with a consumer, a schedule, a table
 * whose stream is followed, and a custom resource.
 */
export function writeMiniAssembly(more: Resources = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'postlane-mini-'));
  const names = Object.keys(FUNCTIONS) as (keyof typeof FUNCTIONS)[];
  const Resources: Resources = {
    ...Object.assign({}, ...names.map((name) => aFunction(dir, name))),
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        KeySchema: [
          { AttributeName: 'collection', KeyType: 'HASH' },
          { AttributeName: 'item', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'collection', AttributeType: 'S' },
          { AttributeName: 'item', AttributeType: 'S' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      },
    },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: arnOf('Queue'), FunctionName: { Ref: 'consume' } },
    },
    TableStreamMapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        ...{ EventSourceArn: STREAM_ARN, FunctionName: { Ref: 'follow' }, StartingPosition: 'TRIM_HORIZON' },
        FilterCriteria: {
          Filters: [{ Pattern: '{"dynamodb":{"Keys":{"collection":{"S":["consumed"]}}}}' }],
        },
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: { ScheduleExpression: 'rate(1 minute)', Targets: [{ Id: 'T', Arn: arnOf('tick') }] },
    },
    RulePermission: aPermission('tick', 'events.amazonaws.com'),
    Key: {
      Type: 'AWS::CloudFormation::CustomResource',
      Properties: { ServiceToken: arnOf('create') },
    },
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'mini', ProtocolType: 'HTTP' } },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true },
    },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ...{ ApiId: { Ref: 'Api' }, IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' },
        IntegrationUri: arnOf('api'),
      },
    },
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ...{ ApiId: { Ref: 'Api' }, RouteKey: '$default' },
        Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] },
      },
    },
    ApiPermission: aPermission('api', 'apigateway.amazonaws.com'),
    Url: {
      Type: 'AWS::Lambda::Url',
      Properties: { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM', TargetFunctionArn: arnOf('tail') },
    },
    UrlPermission: aPermission('tail', '*', {
      Action: 'lambda:InvokeFunctionUrl',
      FunctionUrlAuthType: 'NONE',
    }),
    TailPermission: aPermission('tail', '*', { InvokedViaFunctionUrl: true }),
    ...more,
  };
  writeAssembly(dir, names, Resources);
  return dir;
}

function writeAssembly(dir: string, names: readonly string[], Resources: Resources): void {
  const write = (file: string, value: unknown) => writeFileSync(join(dir, file), JSON.stringify(value));
  write('Mini.template.json', { Resources });
  write('Mini.assets.json', {
    files: Object.fromEntries(
      names.map((name) => [
        name,
        { source: { path: `asset.${name}` }, destinations: { current: { objectKey: `${name}.zip` } } },
      ]),
    ),
  });
  write('manifest.json', {
    artifacts: {
      'Mini.assets': { type: 'cdk:asset-manifest', properties: { file: 'Mini.assets.json' } },
      Mini: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Mini.template.json' } },
    },
  });
}
