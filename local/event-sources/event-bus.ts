import type { Assembly } from '../ports.ts';
import { type PatternMatcher, parsePattern } from './event-pattern.ts';
import { type RuleTarget, readTargets } from './rule-targets.ts';

/** The default bus. */
export interface EventBus {
  /** Hands the event to every matching rule's targets; resolves after the first attempt of each. */
  publish(event: object): Promise<void>;
}

interface PatternRule {
  readonly matches: PatternMatcher;
  readonly targets: readonly RuleTarget[];
}

/** Reads the template's rules with an event pattern. Throws for an operator or a target that is not hosted. */
export function createEventBus(
  assembly: Assembly,
  deliver: (target: RuleTarget, event: unknown) => Promise<void>,
): EventBus {
  const rules: PatternRule[] = assembly
    .byType('AWS::Events::Rule')
    .filter(({ properties }) => properties.EventPattern !== undefined)
    .map((rule) => ({
      isEnabled: rule.properties.State !== 'DISABLED' && isOnDefaultBus(rule.properties.EventBusName),
      matches: parsePattern(rule.properties.EventPattern),
      targets: readTargets(assembly, rule),
    }))
    .filter(({ isEnabled }) => isEnabled);

  return {
    publish: async (event) => {
      const targets = rules.filter(({ matches }) => matches(event)).flatMap((rule) => rule.targets);
      await Promise.all(targets.map((target) => deliver(target, event)));
    },
  };
}

const isOnDefaultBus = (name: unknown): boolean =>
  name === undefined || String(name) === 'default' || String(name).endsWith(':event-bus/default');
