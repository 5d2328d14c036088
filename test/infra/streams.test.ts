import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Template } from 'aws-cdk-lib/assertions';
import { type Config, defineConfig } from '../../infra/config.ts';
import { propertiesOf, synthesiseStack } from '../support/infra/stack-template.ts';

type Streams = NonNullable<Config['streams']>;

const plan = { start: 200, growth: 1.4, target: 50_000 };

interface FoundStream {
  readonly name: string;
  readonly configurationSet: { readonly Ref: string };
  readonly sharedConfigurationSet?: { readonly Ref: string };
  readonly overflowConfigurationSet?: { readonly Ref: string };
  readonly tracking?: unknown;
  readonly unsubscribe?: boolean;
}

/** The streams as send-message is told them, references of the template left as they are. */
function streamsIn(template: Template): readonly FoundStream[] {
  const [variables] = propertiesOf(template, 'AWS::Lambda::Function')
    .map(({ Environment }) => (Environment as { Variables: Record<string, unknown> }).Variables)
    .filter(({ POSTLANE_FUNCTION }) => POSTLANE_FUNCTION === 'send-message');
  assert.ok(variables);
  const { 'Fn::Join': join } = variables.STREAMS as { 'Fn::Join': [string, unknown[]] };
  const text = join[1].map((part) => (typeof part === 'string' ? part : JSON.stringify(part)));
  return JSON.parse(text.join('').replaceAll(/"(\{"\w[^}]*\})"/g, '$1')).streams;
}

function poolOf(template: Template, set: { readonly Ref: string } | undefined): unknown {
  const { Properties } = template.findResources('AWS::SES::ConfigurationSet')[set?.Ref ?? ''] ?? {};
  return Properties?.DeliveryOptions.SendingPoolName;
}

describe('streams in the template', () => {
  test('a stream on shared addresses has one set on the shared pool, a queue and a source', () => {
    const template = synthesiseStack();
    template.resourceCountIs('AWS::SES::DedicatedIpPool', 0);
    template.resourceCountIs('AWS::SES::ConfigurationSet', 2);
    assert.deepEqual(
      streamsIn(template).map((stream) => [stream.name, poolOf(template, stream.configurationSet)]),
      [
        ['transactional', 'ses-shared-pool'],
        ['broadcast', 'ses-shared-pool'],
      ],
    );
  });

  test('each pool of its own is in the scaling mode that was chosen', () => {
    const template = synthesiseStack({
      streams: {
        receipts: { kind: 'transactional', pool: 'managed', ratePercent: 50 },
        news: { kind: 'broadcast', pool: 'standard', ratePercent: 50, warmUp: { plan } },
      },
    });
    assert.deepEqual(
      propertiesOf(template, 'AWS::SES::DedicatedIpPool').map(({ ScalingMode }) => ScalingMode),
      ['MANAGED', 'STANDARD'],
    );
    const [receipts, news] = streamsIn(template);
    assert.ok((poolOf(template, receipts?.configurationSet) as { Ref: string }).Ref.includes('receipts'));
    assert.ok((poolOf(template, news?.configurationSet) as { Ref: string }).Ref.includes('news'));
    assert.equal(poolOf(template, news?.sharedConfigurationSet), 'ses-shared-pool');
    assert.deepEqual(news?.overflowConfigurationSet, news?.sharedConfigurationSet);
  });

  test('overflow takes a set of its own into the pool of another stream, or none where it waits', () => {
    const streams = (overflow: 'wait' | { stream: string }): Streams => ({
      receipts: { kind: 'transactional', pool: 'managed', ratePercent: 50 },
      news: { kind: 'broadcast', pool: 'standard', ratePercent: 50, warmUp: { plan, overflow } },
    });
    const other = synthesiseStack({ streams: streams({ stream: 'receipts' }) });
    const [receipts, news] = streamsIn(other);
    assert.deepEqual(
      poolOf(other, news?.overflowConfigurationSet),
      poolOf(other, receipts?.configurationSet),
    );
    assert.notDeepEqual(news?.overflowConfigurationSet, receipts?.configurationSet);
    const [, waiting] = streamsIn(synthesiseStack({ streams: streams('wait') }));
    assert.equal(waiting?.overflowConfigurationSet, undefined);
  });

  test('opens and clicks are heard of where a stream may track, and nowhere else', () => {
    const typesOf = (tracking: Streams[string]['tracking']) => {
      const template = synthesiseStack({
        streams: { news: { kind: 'broadcast', ratePercent: 100, ...(tracking && { tracking }) } },
      });
      return propertiesOf(template, 'AWS::SES::ConfigurationSetEventDestination').flatMap(
        ({ EventDestination }) => (EventDestination as { MatchingEventTypes: string[] }).MatchingEventTypes,
      );
    };
    const tracked = (types: readonly string[]) => types.filter((type) => /open|click/.test(type));
    assert.deepEqual(tracked(typesOf(undefined)), []);
    for (const tracking of [{}, { opens: false, clicks: false }, { opens: true }, { clicks: true }])
      assert.deepEqual(tracked(typesOf(tracking)), ['open', 'click'], JSON.stringify(tracking));
  });

  test('every set of a stream that may track hears of it and has its tracking domain, by HTTPS alone', () => {
    const template = synthesiseStack({
      streams: {
        receipts: { kind: 'transactional', pool: 'managed', ratePercent: 50 },
        news: {
          kind: 'broadcast',
          pool: 'standard',
          ratePercent: 50,
          warmUp: { plan, overflow: { stream: 'receipts' } },
          tracking: { opens: true, domain: 'links.mail.acme.io' },
        },
      },
    });
    const [receipts, news] = streamsIn(template);
    const optionsOf = (set: { readonly Ref: string } | undefined) =>
      template.findResources('AWS::SES::ConfigurationSet')[set?.Ref ?? '']?.Properties.TrackingOptions;
    assert.equal(optionsOf(receipts?.configurationSet), undefined);
    const sets = [news?.configurationSet, news?.sharedConfigurationSet, news?.overflowConfigurationSet];
    const destinations = propertiesOf(template, 'AWS::SES::ConfigurationSetEventDestination');
    for (const set of sets) {
      const options = { CustomRedirectDomain: 'links.mail.acme.io', HttpsPolicy: 'REQUIRE' };
      assert.deepEqual(optionsOf(set), options);
      const events = destinations.filter(
        ({ ConfigurationSetName }) => JSON.stringify(ConfigurationSetName) === JSON.stringify(set),
      );
      assert.equal(events.filter((each) => JSON.stringify(each).includes('"open"')).length, 1);
    }
  });

  test('functions are told how mail is tracked by default, and nothing of a stream that never tracks', () => {
    const template = synthesiseStack({
      streams: {
        receipts: { kind: 'transactional', ratePercent: 50 },
        news: { kind: 'broadcast', ratePercent: 50, tracking: { clicks: true, domain: 'l.mail.acme.io' } },
      },
    });
    const [receipts, news] = streamsIn(template);
    assert.ok(receipts !== undefined && !('tracking' in receipts));
    assert.deepEqual(news?.tracking, { opens: false, clicks: true });
  });
});

describe('links that end the mail of a stream', () => {
  const unsubscribeOf = (unsubscribe?: boolean) => {
    const more = unsubscribe === undefined ? {} : { unsubscribe };
    const streams: Streams = { news: { kind: 'broadcast', ratePercent: 100, ...more } };
    return streamsIn(synthesiseStack({ streams }))[0]?.unsubscribe;
  };

  test('tell the functions nothing that the config does not say, for want of room', () => {
    assert.deepEqual([unsubscribeOf(), unsubscribeOf(true), unsubscribeOf(false)], [undefined, true, false]);
  });
});

describe('streams in postlane.config.ts', () => {
  const wrong: readonly [string, unknown, RegExp][] = [
    ['no stream at all', {}, /streams: must be 1 to 6 streams/],
    ['no object', 5, /streams: must be an object/],
    ['a name in capitals', { News: { kind: 'broadcast', ratePercent: 100 } }, /streams\.News: .*lower-case/],
    [
      'an unknown kind',
      { news: { kind: 'marketing', ratePercent: 100 } },
      /streams\.news\.kind: must be one of 'transactional', 'broadcast'/,
    ],
    [
      'an unknown pool',
      { news: { kind: 'broadcast', ratePercent: 100, pool: 'own' } },
      /streams\.news\.pool: must be one of 'shared', 'managed', 'standard'/,
    ],
    [
      'a misspelt key',
      { news: { kind: 'broadcast', ratePercent: 100, rate: 1 } },
      /streams\.news: does not know `rate`; it knows kind, pool, ratePercent/,
    ],
    [
      'a misspelt provider',
      {
        news: {
          kind: 'broadcast',
          ratePercent: 100,
          pool: 'standard',
          warmUp: { plan, providers: { gmial: plan } },
        },
      },
      /streams\.news\.warmUp\.providers: does not know `gmial`; it knows gmail, microsoft/,
    ],
    [
      'shares that are not 100 percent',
      { news: { kind: 'broadcast', ratePercent: 60 } },
      /streams: must share 100 percent.*adds up to 60/,
    ],
    [
      'a standard pool without a plan',
      { news: { kind: 'broadcast', ratePercent: 100, pool: 'standard' } },
      /streams\.news\.warmUp: is missing/,
    ],
    [
      'a plan for a pool that warms itself up',
      { news: { kind: 'broadcast', ratePercent: 100, pool: 'managed', warmUp: { plan } } },
      /streams\.news\.warmUp: is only for pool 'standard'/,
    ],
    [
      'overflow into a stream without a pool',
      {
        news: {
          kind: 'broadcast',
          ratePercent: 100,
          pool: 'standard',
          warmUp: { plan, overflow: { stream: 'x' } },
        },
      },
      /streams\.news\.warmUp\.overflow\.stream: must name another stream with a pool of its own/,
    ],
    [
      'links in transactional mail',
      { receipts: { kind: 'transactional', ratePercent: 100, unsubscribe: true } },
      /streams\.receipts\.unsubscribe: is only for kind 'broadcast'/,
    ],
    [
      'a word where links are switched off',
      { news: { kind: 'broadcast', ratePercent: 100, unsubscribe: 'no' } },
      /streams\.news\.unsubscribe: must be true or false/,
    ],
    [
      'a line that is no percentage',
      { news: { kind: 'broadcast', ratePercent: 100, guard: { bouncePercent: 0 } } },
      /streams\.news\.guard\.bouncePercent: .*above 0 and at most 100/,
    ],
  ];
  for (const [what, streams, message] of wrong)
    test(`a stream config with ${what} is refused with its path`, () => {
      assert.throws(() => defineConfig({ domains: ['acme.io'], streams: streams as never }), message);
    });

  test('the default stream is one of them, the first unless another is named', () => {
    const streams: Streams = {
      a: { kind: 'transactional', ratePercent: 50 },
      b: { kind: 'broadcast', ratePercent: 50 },
    };
    assert.equal(defineConfig({ domains: ['acme.io'], streams }).defaultStream, 'a');
    assert.equal(defineConfig({ domains: ['acme.io'], streams, defaultStream: 'b' }).defaultStream, 'b');
    assert.throws(
      () => defineConfig({ domains: ['acme.io'], streams, defaultStream: 'c' }),
      /defaultStream: must be one of the streams: a, b/,
    );
  });
});
