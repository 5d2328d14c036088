import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { App, Duration, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Config } from '../../infra/config.ts';
import { PipelineFunction } from '../../infra/constructs/base/pipeline-function.ts';
import { pipelineStack } from '../support/infra/stack-template.ts';

function checkedStack(overrides: Partial<Config> = {}) {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stack: pipelineStack({ alarms: { email: 'ops@acme.io' }, ...overrides }, app) };
}

describe("cdk-nag's AwsSolutions rules", () => {
  test('cdk-nag finds nothing that is not acknowledged beside its resource', () => {
    const { app } = checkedStack();
    assert.doesNotThrow(() => app.synth());
  });

  test('cdk-nag finds nothing with tenants and a pool of our own either', () => {
    const warmUp = { plan: { start: 200, growth: 1.4, target: 50_000 } };
    const { app } = checkedStack({
      tenants: {},
      streams: { news: { kind: 'broadcast', pool: 'standard', ratePercent: 100, warmUp } },
    });
    assert.doesNotThrow(() => app.synth());
  });

  test('cdk-nag finds nothing with a live tail, an event bus and tracking by a name of our own either', () => {
    const tracking = { opens: true, clicks: true, domain: 'links.mail.acme.io' };
    const { app } = checkedStack({
      liveTail: { viewers: 2 },
      streams: { news: { kind: 'broadcast', ratePercent: 100, eventBus: true, tracking } },
    });
    assert.doesNotThrow(() => app.synth());
  });

  test('make each grant say why it ends in a wildcard, or there is no stack', () => {
    const { stack } = checkedStack();
    const withGrant = (id: string, wildcardReason: { readonly wildcardReason?: string }) =>
      new PipelineFunction(stack, id, {
        name: 'sweep',
        distDir: join(import.meta.dirname, '../../functions'),
        memoryMb: 256,
        timeout: Duration.seconds(1),
        environment: {},
        grants: [{ actions: ['ses:GetAccount'], resources: ['*'], ...wildcardReason }],
      });
    assert.throws(() => withGrant('Silent', {}), /A grant of sweep does not say why it has \*/);
    assert.doesNotThrow(() => withGrant('Telling', { wildcardReason: 'IAM knows no smaller resource.' }));
  });

  test('cdk-nag fails the synthesis when it finds something', (t) => {
    t.mock.method(process.stderr, 'write', () => true);
    t.mock.method(console, 'error', () => {});
    const { app, stack } = checkedStack();
    new Bucket(stack, 'Bare');
    assert.throws(() => app.synth(), /validation failed/i);
  });
});
