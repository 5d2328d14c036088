import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Resources = Record<string, { Type: string; Properties: Record<string, unknown>; Condition?: string }>;

/** Writes an assembly with the given resources and other template sections, shaped as `cdk synth` does; gives its folder. */
export function writeAssembly(
  resources: Resources,
  template: Readonly<Record<string, unknown>> = {},
): string {
  const dir = mkdtempSync(join(tmpdir(), 'postlane-small-'));
  mkdirSync(join(dir, 'asset.code'));
  const files = {
    'manifest.json': {
      artifacts: {
        Small: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Small.template.json' } },
        'Small.assets': { type: 'cdk:asset-manifest', properties: { file: 'Small.assets.json' } },
      },
    },
    'Small.assets.json': {
      files: { code: { source: { path: 'asset.code' }, destinations: { here: { objectKey: 'code.zip' } } } },
    },
    'Small.template.json': { ...template, Resources: resources },
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(dir, name), JSON.stringify(content));
  return dir;
}

export const aTable = () => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    KeySchema: [
      { AttributeName: 'bucket', KeyType: 'HASH' },
      { AttributeName: 'item', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'bucket', AttributeType: 'S' },
      { AttributeName: 'item', AttributeType: 'S' },
    ],
    TimeToLiveSpecification: { AttributeName: 'expiresAtEpochSeconds', Enabled: true },
  },
});

export const aFunction = (role: string) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Role: { 'Fn::GetAtt': [role, 'Arn'] },
    Code: { S3Key: 'code.zip' },
    Environment: { Variables: { POSTLANE_FUNCTION: 'worker', QUEUE_URL: { Ref: 'Queue' } } },
  },
});

export const aRole = (...statements: unknown[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: { Policies: [{ PolicyName: 'own', PolicyDocument: { Statement: statements } }] },
});
