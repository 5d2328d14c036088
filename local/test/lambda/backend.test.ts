import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { InvokeCommand, type InvokeCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createFaults } from '../../src/gateway/faults.ts';
import { createMeter } from '../../src/gateway/metering/meter.ts';
import { createClock } from '../../src/host/clock.ts';
import type { InvocationResult } from '../../src/lambda/invocation.ts';
import { okResult, rememberingLambda } from '../support/hosted-world.ts';
import { openGateway } from '../support/open-gateway.ts';
import { aFunction, aRole, writeAssembly } from '../support/small-assembly.ts';

const OPERATOR = { accessKeyId: 'local', secretAccessKey: 'any' };
const NAME = 'Small-Target';

async function start(
  t: TestContext,
  answer: (event: unknown) => InvocationResult = okResult,
  ...statements: unknown[]
) {
  const lambda = rememberingLambda(answer);
  const clock = createClock();
  const [meter, faults] = [createMeter(clock), createFaults()];
  const assemblyDir = writeAssembly({
    Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
    Target: aFunction('Role'),
    Caller: aFunction('Role'),
    Role: aRole(...statements),
  });
  const open = await openGateway({ assemblyDir, clock, meter, faults, lambda });
  t.after(open.close);
  const configOf = (credentials = OPERATOR) => ({
    ...{ endpoint: open.gateway.endpoint, region: 'us-east-1', maxAttempts: 1 },
    credentials,
  });
  const invoke = async (input: Partial<InvokeCommandInput>, credentials = OPERATOR) => {
    const client = new LambdaClient(configOf(credentials));
    t.after(() => client.destroy());
    const { Payload, ...rest } = await client.send(new InvokeCommand({ FunctionName: NAME, ...input }));
    return { ...rest, payload: JSON.parse(Payload?.transformToString() ?? '') };
  };
  const asFunction = () => open.gateway.issueCredentials('Caller', 'worker-1');
  return { ...open, lambda, faults, meter, configOf, invoke, asFunction };
}

describe("Lambda's Invoke, by an operator", () => {
  for (const FunctionName of [
    NAME,
    `arn:aws:lambda:us-east-1:000000000000:function:${NAME}`,
    `000000000000:function:${NAME}`,
  ])
    test(`Invoke answers the result of ${FunctionName}`, async (t) => {
      const { invoke, lambda } = await start(t);
      const result = await invoke({ FunctionName, Payload: Buffer.from('{"a":1}') });
      assert.deepEqual([result.StatusCode, result.ExecutedVersion], [200, '$LATEST']);
      assert.equal(result.FunctionError, undefined);
      assert.deepEqual(result.payload, { a: 1 });
      assert.deepEqual(lambda.invocations, [{ functionLogicalId: 'Target', event: { a: 1 } }]);
    });

  test('Invoke gives an empty event where there is no payload', async (t) => {
    const { invoke, lambda } = await start(t);
    await invoke({});
    assert.deepEqual(lambda.invocations[0]?.event, {});
  });

  test('describes the error of a function in an answer that says so', async (t) => {
    const wrong = { kind: 'error', errorType: 'RangeError', message: 'too far', durationMs: 1 } as const;
    const { invoke } = await start(t, () => wrong);
    const result = await invoke({});
    assert.deepEqual([result.StatusCode, result.FunctionError], [200, 'Unhandled']);
    assert.deepEqual(result.payload, { errorType: 'RangeError', errorMessage: 'too far' });
  });

  for (const name of ['TooManyRequestsException', 'ServiceException'])
    test(`throws ${name} where Lambda itself refuses`, async (t) => {
      const refusal = { kind: 'error', errorType: name, message: 'no', durationMs: 0 } as const;
      const { invoke } = await start(t, () => refusal);
      await assert.rejects(invoke({}), { name, message: 'no' });
    });

  for (const [title, input, name] of [
    ['a function that is not there', { FunctionName: 'other' }, 'ResourceNotFoundException'],
    ['a payload that is no JSON', { Payload: Buffer.from('{') }, 'InvalidRequestContentException'],
    ['an invocation that does not wait', { InvocationType: 'Event' }, 'NotImplemented'],
  ] as const)
    test(`refuses ${title}`, async (t) => {
      const { invoke, lambda } = await start(t);
      await assert.rejects(invoke(input), { name });
      assert.deepEqual(lambda.invocations, []);
    });

  test('leaves faults of Lambda to the host that runs it, and the bill too', async (t) => {
    const { invoke, faults, meter } = await start(t);
    faults.set([{ service: 'lambda', operation: 'Invoke', fault: 'error', count: 1 }]);
    await invoke({});
    assert.equal(faults.list()[0]?.hits, 0);
    assert.deepEqual(meter.report().operations, []);
  });

  test('an operator may do nothing but invoke', async (t) => {
    const world = await start(t);
    const sqs = new SQSClient(world.configOf());
    t.after(() => sqs.destroy());
    const QueueUrl = world.assembly.byLogicalId('Queue').physicalId;
    await assert.rejects(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' })), {
      message: /operator is not authorized to perform: sqs:SendMessage/,
    });
  });

  test('Invoke refuses a key that the gateway does not know', async (t) => {
    const { invoke } = await start(t);
    await assert.rejects(invoke({}, { accessKeyId: 'AKIA', secretAccessKey: 'x' }), {
      name: 'UnrecognizedClientException',
    });
  });
});

describe("Lambda's Invoke, by a function", () => {
  test('Invoke by a function is denied without a grant', async (t) => {
    const { invoke, asFunction, lambda } = await start(t);
    await assert.rejects(invoke({}, asFunction()), { name: 'AccessDeniedException' });
    assert.deepEqual(lambda.invocations, []);
  });

  test('Invoke by a function is allowed for the function that its role names', async (t) => {
    const Resource = { 'Fn::GetAtt': ['Target', 'Arn'] };
    const grant = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource };
    const { invoke, asFunction, assembly } = await start(t, okResult, grant);
    const FunctionName = assembly.byLogicalId('Target').arn;
    assert.equal((await invoke({ FunctionName }, asFunction())).StatusCode, 200);
    await assert.rejects(invoke({ FunctionName: 'Small-Caller' }, asFunction()), {
      name: 'AccessDeniedException',
    });
  });
});
