import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCustomResources } from '../../src/lambda/custom-resources.ts';
import type { InvocationResult } from '../../src/lambda/invocation.ts';
import {
  aHostedAssembly,
  aHostedResource,
  functionArn,
  okResult,
  rememberingLambda,
} from '../support/hosted-world.ts';

interface CustomEvent {
  readonly ResponseURL: string;
  readonly [name: string]: unknown;
}

const assembly = aHostedAssembly([
  aHostedResource('AWS::Lambda::Function', 'Creator', {}, { arn: functionArn('Creator') }),
  aHostedResource('AWS::CloudFormation::CustomResource', 'BootstrapKey', {
    ServiceToken: functionArn('Creator'),
    Version: 1,
  }),
  aHostedResource('Custom::Other', 'Other', { ServiceToken: 'Creator' }),
]);

const create = (answer: (event: CustomEvent) => Promise<InvocationResult> | InvocationResult) => {
  const lambda = rememberingLambda((event) => answer(event as CustomEvent));
  return { lambda, created: createCustomResources(assembly, lambda, 500) };
};

const put = (event: CustomEvent, reply: object) =>
  fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify(reply) });

describe('custom resources', () => {
  test('custom resources are created one after the other with the event of CloudFormation', async () => {
    const { lambda, created } = create(async (event) => {
      await put(event, { Status: 'SUCCESS' });
      return okResult(null);
    });
    await created;

    const events = lambda.invocations.map(({ event }) => event as CustomEvent);
    assert.deepEqual(
      events.map(({ LogicalResourceId, ResourceType }) => [LogicalResourceId, ResourceType]),
      [
        ['BootstrapKey', 'AWS::CloudFormation::CustomResource'],
        ['Other', 'Custom::Other'],
      ],
    );
    assert.equal(events[0]?.RequestType, 'Create');
    assert.deepEqual(events[0]?.ResourceProperties, { ServiceToken: functionArn('Creator'), Version: '1' });
    assert.match(
      String(events[0]?.StackId),
      /^arn:aws:cloudformation:us-east-1:000000000000:stack\/postlane\//,
    );
  });

  test('custom resources stop the start with the reason of a failure', async () => {
    const { created } = create(async (event) => {
      await put(event, { Status: 'FAILED', Reason: 'no table' });
      return okResult(null);
    });
    await assert.rejects(created, /BootstrapKey was not created: no table/);
  });

  test('custom resources stop the start with the error of a function that breaks before it replies', async () => {
    const { created } = create(() => ({ kind: 'error', errorType: 'E', message: 'broken', durationMs: 1 }));
    await assert.rejects(created, /BootstrapKey was not created: broken/);
  });

  test('custom resources stop the start where no reply comes', async () => {
    await assert.rejects(create(() => okResult(null)).created, /no reply in time/);
  });
});
