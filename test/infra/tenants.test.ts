import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  functionNamesIn,
  propertiesOf,
  statementsOf,
  synthesiseStack,
} from '../support/infra/stack-template.ts';

const without = synthesiseStack();
const withTenants = synthesiseStack({ tenants: { dailyRecipients: 500 } });

const streamsOf = (template: typeof without) =>
  propertiesOf(template, 'AWS::Lambda::Function').flatMap(({ Environment }) => {
    const { STREAMS } = (Environment as { Variables: { STREAMS?: unknown } }).Variables;
    return STREAMS === undefined ? [] : [JSON.stringify(STREAMS)];
  });

describe('tenants in the template', () => {
  test('tenants show nowhere in the template without the option', () => {
    const text = JSON.stringify(without.toJSON());
    assert.ok(!/tenants|CreateTenant|tenant-usage|Sending Status/.test(text));
  });

  test('every function that knows of streams is told of them', () => {
    const all = streamsOf(withTenants);
    assert.ok(all.length > 0);
    for (const streams of all) assert.match(streams, /tenants.+dailyRecipients\\+":500/);
  });

  test('tenants add a rule for what SES decides about them, to the event queue', () => {
    withTenants.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.ses'],
        'detail-type': ['Sending Status Enabled', 'Sending Status Disabled'],
      },
    });
  });

  test('only control-api makes them in SES, and only the sweep completes them besides', () => {
    const makers = functionNamesIn(withTenants).filter((name) =>
      statementsOf(withTenants, name).some(({ Action }) => [Action].flat().includes('ses:CreateTenant')),
    );
    assert.deepEqual(makers, ['control-api', 'sweep']);
  });
});
