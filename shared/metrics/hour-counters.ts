import { MS_PER_HOUR, MS_PER_QUARTER_HOUR } from '../base/durations.ts';
import type { LogBlock } from '../event-log/ports.ts';
import { domainOf } from '../mail/address.ts';
import {
  type Counted,
  type CountedEvent,
  type Counts,
  countsOf,
  entriesOf,
  together,
} from './event-counts.ts';

/** Numbers of an hour, one for each quarter. */
type Quarters = readonly [number, number, number, number];

type DomainCounters = Readonly<Partial<Record<Counted, Quarters>>>;

/** Counters of the events in a tenant's log that happened in one hour. */
export interface HourCounters {
  /** Hour in UTC, as in `2026-11-28T04`. */
  readonly hour: string;
  /** The last block that has told it something: it holds all that blocks up to this one tell, and nothing else. */
  readonly upTo: number;
  /** Counters by the domain that mail was sent from. */
  readonly domains: ReadonlyMap<string, DomainCounters>;
}

/** Events of one quarter and sending domain. */
export interface Cell {
  /** Time at which the quarter began. */
  readonly epochMs: number;
  /** Empty where it is not known. */
  readonly domain: string;
  readonly counts: Counts;
}

/** Part that a block tells one hour. */
export interface Contribution extends Cell {
  readonly block: number;
}

/**
 * Domains of an hour at most. An item of DynamoDB holds 400 KB, and a domain up to 500 bytes; those beyond it
 * are counted together.
 */
const MAX_DOMAINS = 500;

const OTHER_DOMAINS = '';

const NO_EVENTS: Quarters = [0, 0, 0, 0];

export const hourOf = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, 13);

export const startOfHour = (hour: string): number => Date.parse(`${hour}:00:00Z`);

export const quarterOf = (epochMs: number): number =>
  Math.floor(epochMs / MS_PER_QUARTER_HOUR) * MS_PER_QUARTER_HOUR;

/** Cell of an event; undefined where it counts nowhere. */
export function cellOf(event: CountedEvent, domainOfSender = domainOf): Cell | undefined {
  const counts = countsOf(event);
  if (entriesOf(counts).length === 0) return undefined;
  const { from } = event.data;
  const domain = typeof from === 'string' ? domainOfSender(from) : OTHER_DOMAINS;
  return { epochMs: quarterOf(Date.parse(event.createdAt)), domain, counts };
}

/** Contributions of blocks, by the hour that they are about, in the order of the log. */
export function contributionsOf(blocks: readonly LogBlock[]): ReadonlyMap<string, readonly Contribution[]> {
  const domainOfSender = remembering(domainOf);
  const all = blocks.flatMap(({ number, events }) => {
    const cells = events.flatMap((event) => cellOf(event, domainOfSender) ?? []);
    const merged = together(cells, ({ epochMs, domain }) => `${epochMs}#${domain}`);
    return merged.map((cell) => ({ ...cell, block: number }));
  });
  return Map.groupBy(all, ({ epochMs }) => hourOf(epochMs));
}

/** Remembers what was read. Many mails have one sender, and to read an address takes longer than to count. */
function remembering(read: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const answer = known.get(text) ?? read(text);
    known.set(text, answer);
    return answer;
  };
}

/** Contributions that the hour does not hold yet. */
const freshFor = (before: Pick<HourCounters, 'upTo'> | undefined, all: readonly Contribution[]) =>
  all.filter(({ block }) => before === undefined || block > before.upTo);

/** The hour with all contributions of blocks that it does not hold yet; undefined where there are none. */
export function addToHour(
  hour: string,
  before: HourCounters | undefined,
  contributions: readonly Contribution[],
): HourCounters | undefined {
  const fresh = freshFor(before, contributions);
  const last = fresh.at(-1);
  if (last === undefined) return undefined;
  const domains = new Map(before?.domains);
  for (const { domain, epochMs, counts } of fresh) {
    const name = domains.has(domain) || domains.size < MAX_DOMAINS ? domain : OTHER_DOMAINS;
    domains.set(name, addToDomain(domains.get(name) ?? {}, epochMs, counts));
  }
  return { hour, upTo: last.block, domains };
}

function addToDomain(before: DomainCounters, epochMs: number, counts: Counts): DomainCounters {
  const quarter = (epochMs % MS_PER_HOUR) / MS_PER_QUARTER_HOUR;
  const added = entriesOf(counts).map(([name, count]) => {
    const quarters = before[name] ?? NO_EVENTS;
    return [name, quarters.map((known, index) => (index === quarter ? known + count : known))];
  });
  return { ...before, ...Object.fromEntries(added) };
}

/**
 * Cells that the log has of some hours: what is counted of them, and of the blocks behind that what they do
 * not hold yet.
 * @param tail as it was read before the hours, so that no block is in neither
 */
export function cellsOf(hours: readonly HourCounters[], tail: readonly LogBlock[]): readonly Cell[] {
  const known = new Map(hours.map((each) => [each.hour, each]));
  const fresh = [...contributionsOf(tail)].flatMap(([hour, all]) => freshFor(known.get(hour), all));
  return [...hours.flatMap(cellsOfHour), ...fresh];
}

function cellsOfHour({ hour, domains }: HourCounters): readonly Cell[] {
  const start = startOfHour(hour);
  return [...domains].flatMap(([domain, counters]) =>
    NO_EVENTS.map((_, quarter) => ({
      epochMs: start + quarter * MS_PER_QUARTER_HOUR,
      domain,
      counts: countsIn(counters, quarter),
    })),
  );
}

function countsIn(counters: DomainCounters, quarter: number): Counts {
  const counts: Partial<Record<Counted, number>> = {};
  for (const [name, quarters] of Object.entries(counters)) {
    const count = quarters[quarter] ?? 0;
    if (count > 0) counts[name as Counted] = count;
  }
  return counts;
}
