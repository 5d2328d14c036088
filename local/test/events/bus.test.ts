import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PutEventsCommand, type PutEventsRequestEntry, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { eventually } from '../../../test/support/base/eventually.ts';
import { arnOf } from '../support/gateway-world.ts';
import { aStreamWorld, type StreamWorld } from '../support/stream-world.ts';

const aQueue = { Type: 'AWS::SQS::Queue', Properties: {} };
const aBus = (Name = 'events') => ({ Type: 'AWS::Events::EventBus', Properties: { Name } });
const aRule = (queue: string, EventBusName: unknown, more: object = {}) => ({
  Type: 'AWS::Events::Rule',
  Properties: {
    EventPattern: { source: ['postlane'] },
    Targets: [{ Id: 'T', Arn: arnOf(queue) }],
    ...(EventBusName !== undefined && { EventBusName }),
    ...more,
  },
});
const aQueuePolicy = (queue: string, rule: string) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: queue }],
    PolicyDocument: {
      Statement: [
        {
          ...{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage' },
          Resource: arnOf(queue),
          Condition: { ArnEquals: { 'aws:SourceArn': arnOf(rule) } },
        },
      ],
    },
  },
});

/** A queue behind a rule of the custom bus and one behind the default bus. */
const twoBuses = (EventBusName: unknown = { Ref: 'Bus' }) => ({
  Bus: aBus(),
  ...{ Queue: aQueue, DefaultQueue: aQueue },
  Rule: aRule('Queue', EventBusName),
  DefaultRule: aRule('DefaultQueue', undefined),
  QueuePolicy: aQueuePolicy('Queue', 'Rule'),
  DefaultQueuePolicy: aQueuePolicy('DefaultQueue', 'DefaultRule'),
});

const anEntry = (more: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  ...{ Source: 'postlane', DetailType: 'email.sent', Detail: '{"id":"m1"}', EventBusName: 'events' },
  ...more,
});
const putEvents = (world: StreamWorld, ...Entries: PutEventsRequestEntry[]) =>
  world.events.send(new PutEventsCommand({ Entries }));

describe('an event bus of the template', () => {
  test("an event bus hands the event in EventBridge's frame to the rules of its own", async (t) => {
    const world = await aStreamWorld(t, { more: twoBuses() });
    const Time = new Date('2026-11-23T10:00:00Z');
    const answer = await putEvents(world, anEntry({ Time, Resources: ['arn:x'] }));
    assert.equal(answer.FailedEntryCount, 0);
    const [{ EventId } = {}] = answer.Entries ?? [];

    await eventually(async () =>
      assert.deepEqual(await world.bodiesIn('Queue'), [
        {
          ...{ version: '0', id: EventId, 'detail-type': 'email.sent', source: 'postlane' },
          ...{ account: '000000000000', time: '2026-11-23T10:00:00Z', region: 'us-east-1' },
          ...{ resources: ['arn:x'], detail: { id: 'm1' } },
        },
      ]),
    );
    assert.deepEqual(await world.bodiesIn('DefaultQueue'), []);
  });

  test('an entry that names no event bus goes to the default one', async (t) => {
    const world = await aStreamWorld(t, { more: twoBuses() });
    const { EventBusName, ...entry } = anEntry();
    assert.ok(EventBusName);
    await putEvents(world, entry);
    await eventually(async () => assert.equal((await world.bodiesIn('DefaultQueue')).length, 1));
    assert.deepEqual(await world.bodiesIn('Queue'), []);
  });

  for (const [title, EventBusName] of [
    ['its name', 'events'],
    ['its ARN', arnOf('Bus')],
  ] as const)
    test(`rules and entries name an event bus by ${title} too`, async (t) => {
      const world = await aStreamWorld(t, { more: twoBuses(EventBusName) });
      const { arn } = world.assembly.byLogicalId('Bus');
      assert.equal(arn, 'arn:aws:events:us-east-1:000000000000:event-bus/events');
      await putEvents(world, anEntry({ EventBusName: arn }));
      await eventually(async () => assert.equal((await world.bodiesIn('Queue')).length, 1));
    });

  test('a bus that is not there takes the event, as on AWS, and a warning says that it is lost', async (t) => {
    const world = await aStreamWorld(t, { more: twoBuses() });
    const { FailedEntryCount } = await putEvents(world, anEntry({ EventBusName: 'nowhere' }));
    assert.equal(FailedEntryCount, 0);
    assert.match(world.warnings[0] ?? '', /no event bus nowhere/);
  });

  for (const [title, more, expected] of [
    [
      'a bus by its attribute Name',
      { Rule: aRule('Queue', { 'Fn::GetAtt': ['Bus', 'Name'] }) },
      /attribute Name of AWS::Events::EventBus/,
    ],
    ['a rule of a bus that is not there', { Rule: aRule('Queue', 'other') }, /event bus other of Rule/],
    [
      'a policy on the bus',
      { Bus: { ...aBus(), Properties: { Name: 'events', Policy: {} } } },
      /Policy of Bus/,
    ],
  ] as const)
    test(`stops the start by name for ${title}`, async (t) => {
      await assert.rejects(aStreamWorld(t, { more: { ...twoBuses(), ...more } }), expected);
    });

  test('an event bus of the template has no schedules', async (t) => {
    const schedule = { EventPattern: undefined, ScheduleExpression: 'rate(1 minute)' };
    const world = await aStreamWorld(t, {
      more: { ...twoBuses(), Rule: aRule('Queue', 'events', schedule) },
    });
    assert.throws(() => world.sources.start(), /Rule: schedules are for the default event bus alone/);
  });
});

describe('PutEvents', () => {
  test('PutEvents takes the good entries of a request and says what is wrong with the others', async (t) => {
    const world = await aStreamWorld(t, { more: twoBuses() });
    const bad = [anEntry({ Detail: '{' }), anEntry({ Source: '' }), anEntry({ DetailType: '' })];
    const { FailedEntryCount, Entries = [] } = await putEvents(world, anEntry(), ...bad, anEntry());
    assert.equal(FailedEntryCount, 3);
    assert.deepEqual(
      Entries.map(({ ErrorCode, EventId }) => ErrorCode ?? typeof EventId),
      ['string', 'MalformedDetail', 'InvalidArgument', 'InvalidArgument', 'string'],
    );
    await eventually(async () => assert.equal((await world.bodiesIn('Queue')).length, 2));
  });

  const kilobytes = (count: number) => anEntry({ Detail: JSON.stringify({ t: 'x'.repeat(count * 1024) }) });

  test('PutEvents takes ten entries of a megabyte together, and no more', async (t) => {
    const world = await aStreamWorld(t, { more: twoBuses() });
    const many = (count: number) => Array.from({ length: count }, () => anEntry());
    const refused = { name: 'ValidationException' };
    await assert.rejects(putEvents(world), refused);
    await assert.rejects(putEvents(world, ...many(11)), refused);
    await assert.rejects(putEvents(world, kilobytes(600), kilobytes(424)), {
      ...{ ...refused, message: 'Total size of the entries in the request is over the limit.' },
    });
    assert.equal((await putEvents(world, ...many(10))).FailedEntryCount, 0);
    assert.equal((await putEvents(world, kilobytes(600), kilobytes(423))).FailedEntryCount, 0);
  });

  test('PutEvents costs one unit for each 64 KB begun of every entry that was taken', async (t) => {
    const world = await aStreamWorld(t, { more: twoBuses() });
    await putEvents(world, anEntry(), kilobytes(100), anEntry({ Detail: '{' }), anEntry());
    const [row] = world.meter.report().operations.filter(({ operation }) => operation === 'PutEvents');
    assert.deepEqual([row?.function, row?.units, row?.unit], ['follow', 4, '64KB chunk']);
    assert.ok(Math.abs((row?.usd ?? 0) - 4e-6) < 1e-12);
  });

  test('PutEvents is disturbed on demand', async (t) => {
    const world = await aStreamWorld(t, { more: twoBuses() });
    const rule = { service: 'events', operation: 'PutEvents', count: 1 };
    world.faults.set([{ ...rule, fault: 'throttle' }]);
    await assert.rejects(putEvents(world, anEntry()), { name: 'ThrottlingException' });
    world.faults.set([{ ...rule, fault: 'reply-lost' }]);
    await assert.rejects(putEvents(world, anEntry({ Detail: '{"lost":1}' })));
    await eventually(async () =>
      assert.deepEqual(
        (await world.bodiesIn('Queue')).map(({ detail }) => detail),
        [{ lost: 1 }],
      ),
    );
  });

  const mayPut = (resource: unknown) => ({
    Effect: 'Allow',
    Action: 'events:PutEvents',
    Resource: resource,
  });
  test('PutEvents needs a grant for every bus that it names', async (t) => {
    const world = await aStreamWorld(t, { more: twoBuses(), statements: [mayPut(arnOf('Bus'))] });
    assert.equal((await putEvents(world, anEntry())).FailedEntryCount, 0);
    await assert.rejects(putEvents(world, anEntry(), anEntry({ EventBusName: 'default' })), {
      name: 'AccessDeniedException',
      message: /events:PutEvents on resource: .*:event-bus\/default/,
    });
  });

  test('PutEvents is all that is hosted of EventBridge', async (t) => {
    const world = await aStreamWorld(t, { more: twoBuses() });
    const putRule = new PutRuleCommand({ Name: 'r', EventPattern: '{}' });
    await assert.rejects(world.events.send(putRule), { name: 'NotImplemented' });
  });
});
