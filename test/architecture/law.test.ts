import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LAW, type Rule } from './law.ts';
import { ROOMS } from './rooms.ts';
import { readSources, type SourceFile } from './sources.ts';

type RuleName = keyof typeof LAW;

const SOURCES = readSources();

const importing = (from: string, ...to: readonly string[]): SourceFile => ({
  path: from,
  text: to.map((each) => `import { it } from '${each}';\n`).join(''),
});

/** For each rule, files that break it in the way that is easiest to fall into. */
const PLANTED: Readonly<Record<RuleName, readonly SourceFile[]>> = {
  everyFileHasARoom: [{ path: 'shared/helpers/things.ts', text: '' }],
  roomsInOrder: [importing('shared/messages/message.ts', '../webhooks/webhook.ts')],
  outboxNamesNoSubject: [importing('shared/outbox/services/fan-out.ts', '../../messages/message.ts')],
  layersPointDown: [importing('shared/pace/pace.ts', './contract/pace-object.ts')],
  roomsStandAlone: [importing('shared/pace/adapters/pace-table.ts', '../../runtime/clock.ts')],
  rulesNeedNoPackage: [importing('shared/pace/contract/pace-object.ts', '@aws-sdk/client-dynamodb')],
  rulesDoNotWait: [{ path: 'shared/pace/pace.ts', text: 'export const pace = async () => 1;' }],
  servicesNeedNoPackage: [importing('shared/pace/services/pacer.ts', '@aws-sdk/client-sqs')],
  runtime: [importing('shared/runtime/env.ts', '../pace/adapters/pace-table.ts')],
  runtimeIsForWiring: [importing('functions/sweep/sweep.ts', '../../shared/runtime/clock.ts')],
  useCases: [importing('functions/sweep/sweep.ts', '../release-due/release-due.ts')],
  wiring: [importing('functions/sweep/handler.ts', '../release-due/release-due.ts')],
  infra: [importing('infra/app.ts', '../shared/streams/stream.ts')],
  settingsAreTypes: [importing('infra/app.ts', '../shared/streams/stream-settings.ts')],
  local: [importing('local/src/sqs/emulator.ts', '../../../shared/resources.ts')],
  localKnowsPostlane: [importing('local/postlane.ts', '../shared/access/access.ts')],
  console: [importing('console/main.ts', '../shared/access/api-key.ts')],
  cli: [importing('cli/tail.ts', '../functions/tail-events/tail-events.ts')],
  nothingNeedsItsTests: [importing('shared/pace/pace.ts', '../../test/support/clock.ts')],
  sdkInAdapters: [importing('functions/sweep/handler.ts', '@aws-sdk/client-sqs')],
  cdkInInfra: [importing('functions/sweep/handler.ts', 'aws-cdk-lib')],
  middyInRuntime: [importing('functions/sweep/sweep.ts', '@middy/core')],
  noCircles: [
    { path: 'shared/pace/pace.ts', text: "import type { A } from './spacing.ts';" },
    { path: 'shared/pace/spacing.ts', text: "import type { B } from './pace-state.ts';" },
    { path: 'shared/pace/pace-state.ts', text: "export type { C } from './pace.ts';" },
  ],
  smallFolders: Array.from({ length: 16 }, (_, number) => ({
    path: `test/shared/pace/${number}.ts`,
    text: '',
  })),
};

describe('the law of the house', () => {
  for (const [name, rule] of Object.entries(LAW) as [RuleName, Rule][]) {
    test(`${rule.says}: the tree keeps it`, () => {
      assert.deepEqual(rule.violations(SOURCES), []);
    });

    test(`${rule.says}: a planted violation is found`, () => {
      assert.ok(rule.violations(PLANTED[name]).length > 0);
    });
  }

  test('a lazy import, a re-export and an import for its effects count as imports', () => {
    const texts = [
      "const it = await import('../webhooks/webhook.ts');",
      "export { it } from '../webhooks/webhook.ts';",
      "import '../webhooks/webhook.ts';",
    ];
    for (const text of texts) {
      assert.equal(LAW.roomsInOrder.violations([{ path: 'shared/pace/pace.ts', text }]).length, 1, text);
    }
  });

  test('events name no subject either, and outbox may import what carries events', () => {
    const { violations } = LAW.outboxNamesNoSubject;
    const inEvents = importing('shared/events/published-event.ts', '../domains/sending-domain.ts');
    const inOutbox = importing(
      'shared/outbox/services/fan-out.ts',
      ...['../../webhooks/webhook.ts', '../../event-log/ports.ts', '../ports.ts'],
    );
    assert.equal(violations([inEvents]).length, 1);
    assert.deepEqual(violations([inOutbox]), []);
  });

  test('every room of the order exists', () => {
    const found = new Set(SOURCES.map(({ path }) => path.split('/')[1]));
    assert.deepEqual(
      ROOMS.filter((room) => !found.has(room)),
      [],
    );
  });
});
