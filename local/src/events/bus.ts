import type { Assembly, HostedResource } from '../assembly/assembly.ts';
import { DEFAULT_EVENT_BUS, eventBusName } from '../assembly/event-bus-name.ts';
import { type PatternMatcher, parsePattern } from './pattern.ts';
import { type RuleTarget, readTargets } from './rule-targets.ts';

export interface EventBus {
  /** Hands the event to every matching rule's targets; resolves after the first attempt of each. */
  publish(event: object): Promise<void>;
}

export interface EventBuses {
  readonly defaultBus: EventBus;
  /** A bus of the template, or the default one; undefined where there is none of the name. */
  find(name: string): EventBus | undefined;
}

interface PatternRule {
  readonly busName: string;
  readonly matches: PatternMatcher;
  readonly targets: readonly RuleTarget[];
}

type Deliver = (target: RuleTarget, event: unknown) => Promise<void>;

/** Reads the template's buses and rules with an event pattern. Throws with the name of what is not hosted. */
export function createEventBuses(assembly: Assembly, deliver: Deliver): EventBuses {
  const resources = assembly.byType('AWS::Events::EventBus');
  for (const bus of resources) checkBus(bus);
  const names = [DEFAULT_EVENT_BUS, ...resources.map(({ physicalId }) => physicalId)];
  const rules = readRules(assembly, names);
  const busOf = (name: string) =>
    createBus(
      rules.filter(({ busName }) => busName === name),
      deliver,
    );
  const own = new Map(resources.map(({ physicalId }) => [physicalId, busOf(physicalId)]));
  const defaultBus = busOf(DEFAULT_EVENT_BUS);
  return { defaultBus, find: (name) => (name === DEFAULT_EVENT_BUS ? defaultBus : own.get(name)) };
}

const createBus = (rules: readonly PatternRule[], deliver: Deliver): EventBus => ({
  publish: async (event) => {
    const targets = rules.filter(({ matches }) => matches(event)).flatMap((rule) => rule.targets);
    await Promise.all(targets.map((target) => deliver(target, event)));
  },
});

/** Properties of a bus by which events are watched; none of them changes the way of an event. */
const KNOWN = new Set(['Name', 'Description', 'LogConfig', 'Tags']);

function checkBus({ logicalId, properties }: HostedResource): void {
  const stray = Object.keys(properties).find((name) => !KNOWN.has(name));
  if (stray !== undefined) throw new Error(`The local cloud does not host ${stray} of ${logicalId}`);
}

function readRules(assembly: Assembly, busNames: readonly string[]): readonly PatternRule[] {
  return assembly
    .byType('AWS::Events::Rule')
    .filter(({ properties }) => properties.EventPattern !== undefined)
    .map((rule) => ({
      isEnabled: rule.properties.State !== 'DISABLED',
      busName: requireBus(rule, busNames),
      matches: parsePattern(rule.properties.EventPattern),
      targets: readTargets(assembly, rule),
    }))
    .filter(({ isEnabled }) => isEnabled);
}

function requireBus({ logicalId, properties }: HostedResource, names: readonly string[]): string {
  const name = eventBusName(properties.EventBusName);
  if (!names.includes(name))
    throw new Error(`The local cloud does not host the event bus ${name} of ${logicalId}`);
  return name;
}
