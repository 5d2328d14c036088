import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { POSTLANE } from '../../local/postlane.ts';
import { loadAssembly } from '../../local/src/assembly/load-assembly.ts';
import { evaluate } from '../../local/src/gateway/iam/evaluate.ts';
import { statementsOfFunction } from '../../local/src/gateway/iam/policies.ts';
import { listOf, type Statement } from '../../local/src/gateway/iam/statement.ts';
import { provideAssembly } from '../support/infra/assembly-cache.ts';
import {
  deleteBootstrapKey,
  EVERY_OPTION,
  keepNothing,
  surviveFailures,
  type UsedPermission,
  useAddresses,
  usedPermissions,
  useTenants,
  useTheApi,
  withKeepDays,
} from '../support/journeys/everything.ts';
import { countOldEvents, followEvents } from '../support/journeys/everything-told.ts';
import { withCloud } from '../support/journeys/journey.ts';

/** Lambda writes a function's logs itself; the gateway never sees those calls. */
const isAboutLogs = (statement: Statement) =>
  listOf<string>(statement.Action as string).every((action) => action.startsWith('logs:'));

/** A function has no right that it was about to use. */
const DENIED = /is not authorized to perform|AccessDenied/;

/** Statements without which every recorded call would still be allowed. */
function idleStatements(
  statements: readonly Statement[],
  used: readonly UsedPermission[],
): readonly Statement[] {
  return statements.filter((statement) => {
    const without = statements.filter((other) => other !== statement);
    return used.every(
      ({ action, resource, context }) => evaluate(without, action, resource, context) === 'allow',
    );
  });
}

describe('least privilege', () => {
  test('every statement of every role is needed by something that happens', {
    timeout: 300_000,
  }, async (t) => {
    const used: UsedPermission[] = [];
    await withCloud({ config: EVERY_OPTION }, async (cloud) => {
      await useTheApi(cloud);
      await useTenants(cloud);
      await useAddresses(cloud);
      await followEvents(cloud);
      await surviveFailures(cloud);
      await countOldEvents(cloud);
      await deleteBootstrapKey(cloud);
      assert.doesNotMatch(cloud.output(), DENIED);
      used.push(...(await usedPermissions(cloud)));
    });
    await withCloud({ config: EVERY_OPTION, edit: withKeepDays(0) }, async (cloud) => {
      await keepNothing(cloud);
      assert.doesNotMatch(cloud.output(), DENIED);
      used.push(...(await usedPermissions(cloud)));
    });

    const assembly = loadAssembly(await provideAssembly(EVERY_OPTION), {
      queueUrlBase: 'http://127.0.0.1',
      functionNameVariable: POSTLANE.functionNameVariable,
    });
    const idle = assembly.byType('AWS::Lambda::Function').flatMap(({ logicalId, functionName }) => {
      const statements = statementsOfFunction(assembly, logicalId).filter(
        (statement) => !isAboutLogs(statement),
      );
      const own = used.filter((permission) => permission.functionName === functionName);
      return idleStatements(statements, own).map(({ Action, Resource }) => ({
        functionName,
        Action,
        Resource,
      }));
    });
    t.diagnostic(`${used.length} kinds of permission used`);
    assert.deepEqual(idle, []);
  });
});
