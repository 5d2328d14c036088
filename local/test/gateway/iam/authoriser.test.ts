import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadAssembly } from '../../../src/assembly/load-assembly.ts';
import { createAuthoriser } from '../../../src/gateway/iam/authoriser.ts';
import type { Caller } from '../../../src/gateway/service-call.ts';
import { arnOf } from '../../support/gateway-world.ts';
import { aFunction, aRole, writeAssembly } from '../../support/small-assembly.ts';

type Resources = Parameters<typeof writeAssembly>[0];

const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:Small-Queue';
const sendMessage = { action: 'sqs:SendMessage', resource: QUEUE_ARN, context: {} };
const worker: Caller = {
  ...{ kind: 'function', functionLogicalId: 'Function', functionName: 'worker', workerId: 'w' },
};
const allow = (Action: string, more: object = {}) => ({
  ...{ Effect: 'Allow', Action, Resource: arnOf('Queue') },
  ...more,
});
const aQueuePolicy = (...Statement: unknown[]) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: { Queues: [{ Ref: 'Queue' }], PolicyDocument: { Statement } },
});

const authoriserOf = (resources: Resources) =>
  createAuthoriser(
    loadAssembly(
      writeAssembly({
        Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
        Function: aFunction('Role'),
        Role: aRole(),
        ...resources,
      }),
      { queueUrlBase: 'http://127.0.0.1:9' },
    ),
  );
const mayOf = (resources: Resources, caller: Caller = worker) =>
  authoriserOf(resources).authorise(caller, [sendMessage]).isAllowed;

describe('what a function may do', () => {
  const attached = {
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        Roles: [{ Ref: 'Role' }],
        PolicyDocument: { Statement: allow('sqs:SendMessage') },
      },
    },
  };
  const managed = (name: string) => ({
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: { ManagedPolicyArns: [`arn:aws:iam::aws:policy/service-role/${name}`] },
    },
  });

  test('a function may do nothing without a statement', () => assert.equal(mayOf({}), false));
  test('a function may do what its role says inline', () =>
    assert.equal(mayOf({ Role: aRole(allow('sqs:SendMessage')) }), true));
  test('a function may do what a policy attached to its role says', () =>
    assert.equal(mayOf(attached), true));
  test('a function may not do what a policy of another role says', () => {
    const Properties = { ...attached.Policy.Properties, Roles: ['somebody'] };
    assert.equal(mayOf({ Policy: { ...attached.Policy, Properties } }), false);
  });
  test('a function with the basic execution role may only write logs', () =>
    assert.equal(mayOf(managed('AWSLambdaBasicExecutionRole')), false));
  test('a function is refused where the queue denies it to all', () => {
    const QueuePolicy = aQueuePolicy(allow('sqs:*', { Effect: 'Deny', Principal: '*' }));
    assert.equal(mayOf({ ...attached, QueuePolicy }), false);
  });
  test('a function is untouched by a denial for others or without TLS', () => {
    const QueuePolicy = aQueuePolicy(
      allow('sqs:*', { Effect: 'Deny', Principal: { Service: 'sns.amazonaws.com' } }),
      allow('sqs:*', {
        ...{ Effect: 'Deny', Principal: { AWS: '*' } },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
    assert.equal(mayOf({ ...attached, QueuePolicy }), true);
  });

  for (const [what, resources] of [
    ['AmazonSQSFullAccess', managed('AmazonSQSFullAccess')],
    [
      'PermissionsBoundary',
      { Role: { Type: 'AWS::IAM::Role', Properties: { PermissionsBoundary: 'arn:aws:iam::0:policy/x' } } },
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: IAM's own syntax
    ['aws:userid', { Role: aRole(allow('s3:*', { Resource: 'arn:aws:s3:::b/${aws:userid}' })) }],
    ['NotPrincipal', { QueuePolicy: aQueuePolicy(allow('sqs:*', { NotPrincipal: '*' })) }],
  ] as const)
    test(`an assembly with ${what} cannot be judged, which stops the start`, () =>
      assert.throws(() => authoriserOf(resources), new RegExp(what)));
});

describe('what a service may do', () => {
  const rule = 'arn:aws:events:us-east-1:000000000000:rule/mine';
  const events = (sourceArn: string): Caller => ({
    ...{ kind: 'service', principal: 'events.amazonaws.com', sourceArn },
  });
  const QueuePolicy = aQueuePolicy(
    allow('sqs:SendMessage', {
      Principal: { Service: 'events.amazonaws.com' },
      Condition: { ArnEquals: { 'aws:SourceArn': rule } },
    }),
  );

  test('a service may do what the resource policy grants it for that source', () => {
    assert.equal(mayOf({ QueuePolicy }, events(rule)), true);
    assert.equal(mayOf({ QueuePolicy }, events(`${rule}-too`)), false);
    assert.equal(mayOf({}, events(rule)), false);
  });
  test('a service may not do what the resource policy grants another service', () => {
    const sns: Caller = { kind: 'service', principal: 'sns.amazonaws.com', sourceArn: rule };
    assert.equal(mayOf({ QueuePolicy }, sns), false);
  });
});

describe('the record of authorised calls', () => {
  test('the record of calls keeps those of the same statements once, and refused ones not at all', () => {
    const Role = aRole(allow('sqs:SendMessage'), allow('sqs:*', { Resource: `${QUEUE_ARN}-2` }));
    const authoriser = authoriserOf({ Role });
    const call = (resource: string) => authoriser.authorise(worker, [{ ...sendMessage, resource }]);
    for (const resource of [QUEUE_ARN, QUEUE_ARN, `${QUEUE_ARN}-2`, `${QUEUE_ARN}-3`]) call(resource);
    assert.deepEqual(
      authoriser.authorisedCalls().map(({ resource }) => resource),
      [QUEUE_ARN, `${QUEUE_ARN}-2`],
    );
  });
});
