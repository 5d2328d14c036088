import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadAssembly } from '../../src/assembly/load-assembly.ts';
import { readSesResources } from '../../src/ses/resources.ts';
import { aFunction, aRole, aTable, writeAssembly } from '../support/small-assembly.ts';

const load = (...[resources, template]: Parameters<typeof writeAssembly>) =>
  loadAssembly(writeAssembly(resources, template), {
    queueUrlBase: 'http://127.0.0.1:9',
    functionNameVariable: 'POSTLANE_FUNCTION',
  });

/** The value as a property of a resource has it after loading. */
const resolved = (value: unknown, template: Parameters<typeof writeAssembly>[1] = {}) =>
  load({ Topic: { Type: 'AWS::SNS::Topic', Properties: { value } } }, template).byLogicalId('Topic')
    .properties.value;

describe('loading an assembly', () => {
  test('references become names, URLs and ARNs as CloudFormation gives them', () => {
    const assembly = load({
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'mail' } },
      Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
      Role: aRole(),
      Function: aFunction('Role'),
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own syntax
          Description: { 'Fn::Sub': 'all of ${AWS::Region} in ${Queue.Arn}' },
          Targets: [
            {
              Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
              Id: 'b',
            },
          ],
        },
      },
    });

    assert.equal(assembly.byLogicalId('Queue').physicalId, 'http://127.0.0.1:9/000000000000/mail');
    assert.equal(assembly.byLogicalId('Queue').arn, 'arn:aws:sqs:us-east-1:000000000000:mail');
    assert.equal(assembly.byLogicalId('Topic').physicalId, assembly.byLogicalId('Topic').arn);
    assert.deepEqual(assembly.byLogicalId('Rule').properties, {
      Description: 'all of us-east-1 in arn:aws:sqs:us-east-1:000000000000:mail',
      Targets: [{ Arn: 'arn:aws:sqs:us-east-1:000000000000:mail', Id: 'b' }],
    });
    const hosted = assembly.byLogicalId('Function');
    assert.equal(hosted.functionName, 'worker');
    assert.match(hosted.assetPath ?? '', /asset\.code$/);
    assert.equal(assembly.byArn(String(hosted.properties.Role))?.logicalId, 'Role');
  });

  test('the API and the function URLs are where the front answers', () => {
    const attribute = (logicalId: string, name: string) => ({ 'Fn::GetAtt': [logicalId, name] });
    const resources = {
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: {} },
      Role: aRole(),
      Function: aFunction('Role'),
      Url: { Type: 'AWS::Lambda::Url', Properties: { TargetFunctionArn: attribute('Function', 'Arn') } },
      Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
    };
    const Outputs = {
      Api: { Value: attribute('Api', 'ApiEndpoint') },
      Url: { Value: attribute('Url', 'FunctionUrl') },
      Target: { Value: { Ref: 'Url' } },
    };
    const dir = writeAssembly(resources, { Outputs });
    const local = loadAssembly(dir, { queueUrlBase: '', publicUrl: 'http://127.0.0.1:3000' });
    const Target = local.byLogicalId('Function').arn ?? '';
    assert.deepEqual(local.outputs, { Api: 'http://127.0.0.1:3000', Url: 'http://127.0.0.1:3000/', Target });
    assert.equal(local.byArn(Target)?.logicalId, 'Function');

    const { Api, Url } = loadAssembly(dir, { queueUrlBase: '' }).outputs;
    assert.match(String(Api), /^https:\/\/[0-9a-f]{10}\.execute-api\.us-east-1\.amazonaws\.com$/);
    assert.match(String(Url), /^https:\/\/[0-9a-f]{32}\.lambda-url\.us-east-1\.on\.aws\/$/);
  });

  test('a tenant and a pool of SES have the names and ARNs that the stand-in answers with', () => {
    const assembly = load({
      Pool: { Type: 'AWS::SES::DedicatedIpPool', Properties: { ScalingMode: 'MANAGED' } },
      Tenant: { Type: 'AWS::SES::Tenant', Properties: { TenantName: 'acme' } },
    });
    const { pools, tenants } = readSesResources(assembly);
    assert.deepEqual(pools, [{ name: assembly.byLogicalId('Pool').physicalId, scalingMode: 'MANAGED' }]);
    assert.deepEqual([tenants[0]?.name, tenants[0]?.arn], ['acme', assembly.byLogicalId('Tenant').arn]);
  });

  test('a reference to what is not there is said, and leads nowhere', (t) => {
    const said = t.mock.method(console, 'error', () => {});
    const assembly = load({
      Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { 'Fn::GetAtt': ['Ghost', 'Arn'] } } },
    });
    assert.equal(assembly.byLogicalId('Topic').properties.DisplayName, 'arn:aws:missing:::Ghost');
    assert.match(String(said.mock.calls[0]?.arguments[0]), /Ghost/);
  });

  test('an intrinsic that is not known is named', () => {
    const Properties = { DisplayName: { 'Fn::Transform': {} } };
    assert.throws(() => load({ Topic: { Type: 'AWS::SNS::Topic', Properties } }), /Fn::Transform/);
  });

  test('a folder that holds no assembly is said to be none', () => {
    assert.throws(() => loadAssembly('/nowhere', { queueUrlBase: '' }), /cdk synth/);
  });
});

describe('intrinsics', () => {
  const template = {
    Parameters: { Stage: { Type: 'String', Default: 'live' }, Open: { Type: 'String' } },
  };

  for (const [what, value, expected] of [
    ['a parameter', { Ref: 'Stage' }, 'live'],
    ['the account', { Ref: 'AWS::AccountId' }, '000000000000'],
    ['parts that are joined', { 'Fn::Join': ['/', ['a', { Ref: 'AWS::Partition' }]] }, 'a/aws'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own syntax
    ['a literal dollar', { 'Fn::Sub': '${!Stage} is ${Stage}' }, '${Stage} is live'],
    ['the ARN of a topic', { 'Fn::GetAtt': 'Topic.Arn' }, 'arn:aws:sns:us-east-1:000000000000:Small-Topic'],
    ['an object with one ordinary key', { Condition: { Bool: 'x' } }, { Condition: { Bool: 'x' } }],
  ] as const)
    test(`resolves ${what}`, () => assert.deepEqual(resolved(value, template), expected));

  for (const [what, value, name] of [
    ['parameter without a default', { Ref: 'Open' }, /Open/],
    ['attribute', { 'Fn::GetAtt': ['Topic', 'Colour'] }, /Colour of AWS::SNS::Topic/],
    ['stream', { 'Fn::GetAtt': ['Topic', 'StreamArn'] }, /StreamArn of AWS::SNS::Topic/],
  ] as const)
    test(`names the ${what} that is not there`, () => assert.throws(() => resolved(value, template), name));

  for (const [what, value, name] of [
    ['a condition that holds', { 'Fn::If': ['IsLive', 'yes', 'no'] }, /intrinsic Fn::If$/],
    ['a list entry that may be left out', ['a', { 'Fn::If': ['IsTest', 'b', ''] }], /intrinsic Fn::If$/],
    ['a condition by its name', { Condition: 'IsLive' }, /intrinsic Condition$/],
    ['all of several', { 'Fn::And': [{ Condition: 'Both' }] }, /intrinsic Fn::And$/],
    ['one of several', { 'Fn::Or': [{ Condition: 'Either' }] }, /intrinsic Fn::Or$/],
    ['no value', { Ref: 'AWS::NoValue' }, /pseudo parameter AWS::NoValue$/],
    ['the name of the stack', { Ref: 'AWS::StackName' }, /pseudo parameter AWS::StackName$/],
    ['a mapping', { 'Fn::FindInMap': ['ByRegion', 'us-east-1', 'zone'] }, /intrinsic Fn::FindInMap$/],
    ['a substitution with a map', { 'Fn::Sub': ['{A}', { A: 'all' }] }, /intrinsic Fn::Sub with a map$/],
    ['one of a list', { 'Fn::Select': [1, ['a', 'b']] }, /intrinsic Fn::Select$/],
    ['parts of a text', { 'Fn::Split': ['-', 'a-b'] }, /intrinsic Fn::Split$/],
    ['text in base64', { 'Fn::Base64': { Ref: 'Stage' } }, /intrinsic Fn::Base64$/],
    ['the name of a topic', { 'Fn::GetAtt': 'Topic.TopicName' }, /attribute TopicName of AWS::SNS::Topic$/],
  ] as const)
    test(`stop the start by name for ${what}`, () => assert.throws(() => resolved(value, template), name));

  test('let a condition be where nothing depends on it', () => {
    const Metadata = { Type: 'AWS::CDK::Metadata', Properties: {}, Condition: 'CDKMetadataAvailable' };
    assert.equal(load({ Metadata }).resources.length, 1);
  });

  test('stop the start by name for a resource or an output with a condition', () => {
    const [Type, Properties] = ['AWS::SNS::Topic', {}];
    assert.throws(
      () => load({ Live: { Type, Properties, Condition: 'IsLive' } }, template),
      /does not host the Condition IsLive of Live/,
    );
    assert.throws(
      () => load({}, { ...template, Outputs: { Gone: { Value: 1, Condition: 'IsTest' } } }),
      /does not host the Condition IsTest of the output Gone/,
    );
  });
});

describe('names', () => {
  test('names of an event bus, its rules and a table stream are those that policies speak of', () => {
    const aRule = (EventBusName?: unknown) => ({
      Type: 'AWS::Events::Rule',
      Properties: EventBusName === undefined ? {} : { EventBusName },
    });
    const assembly = load({
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'own' } },
      Table: aTable(),
      ByRef: aRule({ Ref: 'Bus' }),
      ByArn: aRule({ 'Fn::GetAtt': ['Bus', 'Arn'] }),
      OfDefault: aRule('default'),
      OfNone: aRule(),
      Topic: {
        Type: 'AWS::SNS::Topic',
        Properties: { stream: { 'Fn::GetAtt': 'Table.StreamArn' } },
      },
    });
    const arnOf = (logicalId: string) => assembly.byLogicalId(logicalId).arn?.split(':').at(-1);
    assert.equal(assembly.byLogicalId('Bus').physicalId, 'own');
    assert.deepEqual(['Bus', 'ByRef', 'ByArn', 'OfDefault', 'OfNone'].map(arnOf), [
      ...['event-bus/own', 'rule/own/Small-ByRef', 'rule/own/Small-ByArn'],
      ...['rule/Small-OfDefault', 'rule/Small-OfNone'],
    ]);
    const { stream } = assembly.byLogicalId('Topic').properties;
    assert.equal(stream, `${assembly.byLogicalId('Table').arn}/stream/2026-01-01T00:00:00.000`);
  });

  test('names follow the type where none is given', () => {
    const long = 'a'.repeat(70);
    const assembly = load({
      [`Bucket${long}`]: { Type: 'AWS::S3::Bucket', Properties: {} },
      Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { StageName: '$default' } },
    });
    assert.equal(assembly.byLogicalId(`Bucket${long}`).physicalId.length, 63);
    assert.equal(assembly.byLogicalId('Stage').physicalId, '$default');
  });

  test('a function without a name of its own goes by its logical id', () => {
    const Properties = { Role: 'arn:aws:iam::000000000000:role/x', Code: { S3Key: 'code.zip' } };
    const assembly = load({ Plain: { Type: 'AWS::Lambda::Function', Properties } });
    assert.equal(assembly.byLogicalId('Plain').functionName, 'Plain');
  });
});
