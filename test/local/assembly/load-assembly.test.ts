import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadAssembly } from '../../../local/assembly/load-assembly.ts';
import { aFunction, aRole, writeAssembly } from '../../support/small-assembly.ts';

const load = (resources: Parameters<typeof writeAssembly>[0]) =>
  loadAssembly(writeAssembly(resources), { queueUrlBase: 'http://127.0.0.1:9' });

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
          Description: { 'Fn::Sub': ['${A} of ${AWS::Region} in ${Queue.Arn}', { A: 'all' }] },
          Targets: [
            {
              Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
              Id: { 'Fn::Select': [1, { 'Fn::Split': ['-', 'a-b'] }] },
            },
          ],
          Absent: { Ref: 'AWS::NoValue' },
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
