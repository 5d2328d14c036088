import { type GroupState, selectGroup } from './select-group.ts';

/** A group with what one receive could take of it now. */
export interface WaitingGroup extends Omit<GroupState, 'nextSentAt'> {
  /** Times at which those messages were sent, in the order in which the queue gives them. */
  readonly sentAts: readonly number[];
}

/** The group of each message that one receive hands out, in order: what is picked counts as in flight for the next. */
export function planReceive(
  groups: readonly WaitingGroup[],
  count: number,
  isFair: boolean,
  now: number,
): readonly (string | undefined)[] {
  const taken = new Map<string | undefined, number>();
  const picks: (string | undefined)[] = [];

  while (picks.length < count) {
    const states = groups.map(({ sentAts, inFlight, ...rest }): GroupState => {
      const ahead = taken.get(rest.group) ?? 0;
      return { ...rest, inFlight: inFlight + ahead, nextSentAt: sentAts[ahead] };
    });
    const selection = selectGroup({ groups: states, isFair }, now);
    if (selection.kind === 'none') break;
    picks.push(selection.group);
    taken.set(selection.group, (taken.get(selection.group) ?? 0) + 1);
  }
  return picks;
}
