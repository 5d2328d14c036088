import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { App, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { pipelineStack } from '../support/stack-template.ts';

function checkedStack() {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stack: pipelineStack({ alarms: { email: 'ops@acme.io' } }, app) };
}

describe("cdk-nag's AwsSolutions rules", () => {
  test('find nothing that is not acknowledged beside its resource', () => {
    const { app } = checkedStack();
    assert.doesNotThrow(() => app.synth());
  });

  test('fail the synthesis when they find something', (t) => {
    t.mock.method(process.stderr, 'write', () => true);
    t.mock.method(console, 'error', () => {});
    const { app, stack } = checkedStack();
    new Bucket(stack, 'Bare');
    assert.throws(() => app.synth(), /validation failed/i);
  });
});
