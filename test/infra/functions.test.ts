import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Config } from '../../infra/config.ts';
import { functionFolders } from '../support/infra/function-folders.ts';
import { parsedVariablesOf } from '../support/infra/parsed-variables.ts';
import {
  environmentsIn,
  functionNamesIn,
  propertiesOf,
  type Statement,
  statementsOf,
  synthesiseStack,
} from '../support/infra/stack-template.ts';

const template = synthesiseStack({ liveTail: { viewers: 10 } });
const FUNCTION_NAMES = functionNamesIn(template);
const actionsOf = (name: string) =>
  statementsOf(template, name)
    .flatMap((statement) => statement.Action)
    .sort();
const mayDo = (action: string) => FUNCTION_NAMES.filter((name) => actionsOf(name).includes(action));
const namesTable = ({ Resource }: Statement, table: string) => JSON.stringify(Resource).includes(table);
const collectionsOf = ({ Condition }: Statement) =>
  [Condition?.['ForAllValues:StringEquals']?.['dynamodb:LeadingKeys'] ?? []].flat();
const bucketsOf = ({ Condition }: Statement) =>
  [Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []].flat();

const readsStreams = ({ Action }: Statement) => [Action].flat().includes('dynamodb:GetRecords');

describe('functions', () => {
  test('each function has exactly the variables that its handler parses, and its own name', () => {
    const environments = environmentsIn(template);
    assert.deepEqual(environments.map((variables) => variables.POSTLANE_FUNCTION).sort(), [
      ...[...functionFolders()].sort(),
    ]);
    for (const { POSTLANE_FUNCTION: name, ...variables } of environments)
      assert.deepEqual(Object.keys(variables).sort(), [...parsedVariablesOf(String(name))].sort());
  });

  test('no function may call webhooks on its own machine, which the local cloud alone allows', () => {
    assert.doesNotMatch(JSON.stringify(template.toJSON()), /LOCAL_WEBHOOKS/);
  });

  test('each function runs on Node 24 and arm64 and logs to a group that forgets after 30 days', () => {
    const lambdas = propertiesOf(template, 'AWS::Lambda::Function');
    for (const lambda of lambdas) {
      assert.equal(lambda.Runtime, 'nodejs24.x');
      assert.deepEqual(lambda.Architectures, ['arm64']);
      const { LogFormat, SystemLogLevel } = lambda.LoggingConfig as Record<string, unknown>;
      assert.deepEqual([LogFormat, SystemLogLevel], ['JSON', 'WARN']);
    }
    const groups = propertiesOf(template, 'AWS::Logs::LogGroup');
    assert.deepEqual(
      groups.map((group) => group.RetentionInDays),
      lambdas.map(() => 30),
    );
  });

  test('no function reserves concurrency, which a new account does not have', () => {
    for (const lambda of propertiesOf(template, 'AWS::Lambda::Function'))
      assert.equal(lambda.ReservedConcurrentExecutions, undefined);
  });
});

describe('links in mail', () => {
  const publicUrlIn = (found: typeof template) =>
    environmentsIn(found).flatMap(({ PUBLIC_URL }) => PUBLIC_URL ?? []);

  test("links in mail lead to the API's own address", () => {
    const [api] = Object.keys(template.findResources('AWS::ApiGatewayV2::Api'));
    assert.deepEqual(publicUrlIn(template), [{ 'Fn::GetAtt': [api, 'ApiEndpoint'] }]);
  });

  test('links in mail lead to the address that the config names', () => {
    const publicUrl = 'https://mail.acme.io';
    assert.deepEqual(publicUrlIn(synthesiseStack({ publicUrl })), [publicUrl]);
  });
});

describe('roles', () => {
  test('only send-message may send, and only from identities, through its own configuration sets', () => {
    assert.deepEqual(mayDo('ses:SendEmail'), ['send-message']);
    const [send] = statementsOf(template, 'send-message').filter(({ Action }) => Action === 'ses:SendEmail');
    const resources = JSON.stringify(send?.Resource);
    assert.match(resources, /configuration-set\//);
    assert.match(resources, /:identity\/\*"/);
    assert.equal(resources.match(/\*/g)?.length, 1);
  });

  test('identities are made and changed by control-api, and asked after by the sweep besides', () => {
    assert.deepEqual(mayDo('ses:GetEmailIdentity'), ['control-api', 'sweep']);
    for (const action of ['ses:CreateEmailIdentity', 'ses:DeleteEmailIdentity'])
      assert.deepEqual(mayDo(action), ['control-api']);
  });

  test('fetch-attachments may work its queue, write one prefix, feed the send queue and log', () => {
    assert.deepEqual(actionsOf('fetch-attachments'), [
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:PutObject',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
    ]);
    const statements = statementsOf(template, 'fetch-attachments');
    const resourceOf = (action: string) =>
      JSON.stringify(statements.find(({ Action }) => [Action].flat().includes(action))?.Resource);
    assert.match(resourceOf('s3:PutObject'), /"\/fetched\/\*"/);
    assert.match(resourceOf('sqs:ReceiveMessage'), /Attachments/);
    assert.match(resourceOf('sqs:SendMessage'), /Send/);
  });

  test('each function that works a queue may receive from that one alone', () => {
    assert.deepEqual(mayDo('sqs:ReceiveMessage'), [
      'fetch-attachments',
      'send-message',
      'record-event',
      'release-due',
      'deliver-webhook',
    ]);
    for (const name of mayDo('sqs:ReceiveMessage')) {
      const receives = statementsOf(template, name).filter(({ Action }) =>
        [Action].flat().includes('sqs:ReceiveMessage'),
      );
      assert.equal(receives.length, 1, name);
    }
  });

  test('deliver-webhook may work its queues, read endpoints and the log, and write what it is about', () => {
    const grants = statementsOf(template, 'deliver-webhook').map((statement) => ({
      actions: [statement.Action].flat().map((action) => action.replace(/^.*:/, '')),
      on: JSON.stringify(statement.Resource).match(/Webhooks(Quick|Slow)|Store[A-Z][a-z]+|Logs/g),
      keys: Object.values(statement.Condition ?? {}).flatMap((each) => each['dynamodb:LeadingKeys']),
    }));
    assert.deepEqual(grants, [
      {
        actions: ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'],
        on: ['WebhooksQuick', 'WebhooksSlow'],
        keys: [],
      },
      { actions: ['SendMessage'], on: ['WebhooksQuick', 'WebhooksSlow'], keys: [] },
      { actions: ['GetItem', 'UpdateItem'], on: ['StoreCatalog'], keys: ['webhooks', 'due-minutes'] },
      { actions: ['GetItem', 'PutItem'], on: ['StoreCatalog'], keys: ['webhook-health'] },
      { actions: ['PutItem'], on: ['StoreMessages'], keys: ['due#*', 'failure#*'] },
      { actions: ['GetItem', 'PutItem', 'Query'], on: ['StoreEvents'], keys: ['webhook#*'] },
      { actions: ['GetItem', 'Query'], on: ['StoreEvents'], keys: ['log#*'] },
      { actions: ['CreateLogStream', 'PutLogEvents'], on: ['Logs'], keys: [] },
    ]);
  });

  test('only send-message may delete what mail is made of', () => {
    assert.deepEqual(mayDo('s3:DeleteObject'), ['send-message']);
  });

  test('only the API and record-event may write suppressions', () => {
    const writers = FUNCTION_NAMES.filter((name) =>
      statementsOf(template, name).some(
        (statement) =>
          namesTable(statement, 'StoreSuppressions') &&
          [statement.Action].flat().includes('dynamodb:PutItem'),
      ),
    );
    assert.deepEqual(writers, ['control-api', 'record-event']);
  });

  test('the signing key is read where keys are checked and links are made, and written once', () => {
    const may = (action: string) =>
      FUNCTION_NAMES.filter((name) =>
        statementsOf(template, name).some(
          (statement) =>
            collectionsOf(statement).includes('signing-key') && [statement.Action].flat().includes(action),
        ),
      );
    assert.deepEqual(may('dynamodb:GetItem'), [
      'accept-message',
      'control-api',
      'send-message',
      'tail-events',
      'create-bootstrap-key',
    ]);
    assert.deepEqual(may('dynamodb:PutItem'), ['create-bootstrap-key']);
  });

  test('send-message reads the signing key only where a stream has links', () => {
    const readsIt = (streams: NonNullable<Config['streams']>) =>
      statementsOf(synthesiseStack({ streams }), 'send-message').some((statement) =>
        collectionsOf(statement).includes('signing-key'),
      );
    assert.equal(readsIt({ news: { kind: 'broadcast', ratePercent: 100 } }), true);
    assert.equal(readsIt({ news: { kind: 'broadcast', ratePercent: 100, unsubscribe: false } }), false);
    assert.equal(readsIt({ receipts: { kind: 'transactional', ratePercent: 100 } }), false);
  });

  test('every grant on the catalog ends at named collections', () => {
    for (const name of FUNCTION_NAMES)
      for (const statement of statementsOf(template, name))
        if (namesTable(statement, 'StoreCatalog') && !readsStreams(statement))
          assert.ok(collectionsOf(statement).length > 0, name);
  });

  test('only publish-events may read what the streams of the tables hold, and only through its event sources', () => {
    assert.deepEqual(mayDo('dynamodb:GetRecords'), ['publish-events']);
    const [statement, ...others] = statementsOf(template, 'publish-events').filter(readsStreams);
    assert.deepEqual(others, []);
    assert.deepEqual(JSON.stringify(statement?.Resource).match(/"(Arn|StreamArn)"/g), [
      '"StreamArn"',
      '"StreamArn"',
      '"StreamArn"',
    ]);
  });

  test('every grant on the events table ends at the kinds of items that it is about', () => {
    const kindsOf = ({ Condition }: Statement) =>
      [Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []].flat();
    for (const name of FUNCTION_NAMES)
      for (const statement of statementsOf(template, name))
        if (namesTable(statement, 'StoreEvents')) {
          assert.ok(kindsOf(statement).length > 0, name);
          for (const kind of kindsOf(statement)) assert.match(kind, /^[a-z]+#\*$/);
        }
  });

  test('every grant on the events ends at kinds of buckets, and the API reads the log', () => {
    for (const name of FUNCTION_NAMES)
      for (const statement of statementsOf(template, name))
        if (namesTable(statement, 'StoreEvents')) assert.ok(bucketsOf(statement).length > 0, name);
    const [read] = statementsOf(template, 'control-api').filter((each) => bucketsOf(each).includes('log#*'));
    assert.deepEqual(read?.Action, ['dynamodb:GetItem', 'dynamodb:Query']);
  });

  test('only an action without resources is about everything, and a wildcard only ends a prefix', () => {
    for (const name of FUNCTION_NAMES)
      for (const { Action, Resource } of statementsOf(template, name)) {
        assert.ok([Action].flat().every((action) => !action.includes('*')));
        if (Action === 'ses:GetAccount') assert.equal(Resource, '*', name);
        else assertPrefixes(Resource, name);
      }
  });

  test('nothing is attached to a role besides what is written down for it', () => {
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.resourceCountIs('AWS::IAM::Role', functionFolders().length);
    for (const role of propertiesOf(template, 'AWS::IAM::Role'))
      assert.equal(role.ManagedPolicyArns, undefined);
  });
});

function assertPrefixes(resource: unknown, name: string): void {
  for (const literal of JSON.stringify(resource).match(/"[^"]*\*[^"]*"/g) ?? [])
    assert.match(literal, /^"(\/(content|attachments|fetched|scheduled)|:identity)\/\*"$/, name);
}
