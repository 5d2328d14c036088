import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertKnownConditions } from '../../../src/gateway/iam/conditions.ts';
import { evaluate } from '../../../src/gateway/iam/evaluate.ts';
import type { Statement } from '../../../src/gateway/iam/statement.ts';

const allow = (more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: 'sqs:SendMessage',
  Resource: 'arn:aws:sqs:us-east-1:0:queue',
  ...more,
});
const QUEUE = 'arn:aws:sqs:us-east-1:0:queue';

describe('evaluating a policy', () => {
  const table: readonly [string, readonly Statement[], 'allow' | 'deny' | 'none'][] = [
    ['nothing said is nothing granted', [], 'none'],
    ['the very action and resource', [allow()], 'allow'],
    ['actions compare without case', [allow({ Action: 'SQS:sendmessage' })], 'allow'],
    ['a wildcard of actions', [allow({ Action: ['s3:*', 'sqs:Send*'] })], 'allow'],
    ['a wildcard of resources', [allow({ Resource: 'arn:aws:sqs:*:*:que?e' })], 'allow'],
    ['another resource', [allow({ Resource: `${QUEUE}2` })], 'none'],
    ['NotAction that names it', [{ Effect: 'Allow', NotAction: 'sqs:*', Resource: '*' }], 'none'],
    ['NotResource that does not name it', [{ Effect: 'Allow', Action: '*', NotResource: 'x' }], 'allow'],
    [
      'an explicit deny beside an allow',
      [allow(), allow({ Effect: 'Deny', Action: '*', Resource: '*' })],
      'deny',
    ],
    ['a dot is no wildcard', [allow({ Resource: 'arn:aws:sqs:us-east-1:0:q.eue' })], 'none'],
  ];
  for (const [what, statements, verdict] of table)
    test(`a policy evaluates to ${verdict}: ${what}`, () =>
      assert.equal(evaluate(statements, 'sqs:SendMessage', QUEUE), verdict));
});

describe('conditions', () => {
  const verdict = (condition: Statement['Condition'], context: Record<string, string | string[]>) =>
    evaluate([{ ...allow(), Condition: condition } as Statement], 'sqs:SendMessage', QUEUE, context);

  test('every key of a condition must match', () => {
    const condition = {
      ArnEquals: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/mine' },
      Bool: { 'aws:SecureTransport': true },
    };
    const context = {
      'aws:sourcearn': 'arn:aws:events:us-east-1:0:rule/mine',
      'aws:securetransport': 'true',
    };
    assert.equal(verdict(condition, context), 'allow');
    assert.equal(
      verdict(condition, { ...context, 'aws:sourcearn': 'arn:aws:events:us-east-1:0:rule/other' }),
      'none',
    );
  });

  test('ForAllValues asks a condition of each leading key', () => {
    const condition = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a', 'b'] } };
    assert.equal(verdict(condition, { 'dynamodb:leadingkeys': ['a', 'b'] }), 'allow');
    assert.equal(verdict(condition, { 'dynamodb:leadingkeys': ['a', 'c'] }), 'none');
  });

  test('an absent key fails a plain operator and passes IfExists and negated ones', () => {
    assert.equal(verdict({ StringEquals: { 'aws:SourceAccount': '0' } }, {}), 'none');
    assert.equal(verdict({ StringEqualsIfExists: { 'aws:SourceAccount': '0' } }, {}), 'allow');
    assert.equal(verdict({ StringNotEquals: { 'aws:SourceAccount': '0' } }, {}), 'allow');
  });

  test('an operator or a key that is not known is named', () => {
    assert.throws(
      () =>
        assertKnownConditions([
          { ...allow(), Condition: { DateGreaterThan: { 'aws:SourceArn': 'x' } } } as Statement,
        ]),
      /DateGreaterThan/,
    );
    assert.throws(
      () =>
        assertKnownConditions([
          { ...allow(), Condition: { StringEquals: { 'aws:Moon': 'full' } } } as Statement,
        ]),
      /aws:Moon/,
    );
  });
});
