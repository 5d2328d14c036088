import { defined } from '../base/defined.ts';

/** Origin of a suppression. `unsubscribe`: a recipient used the link of a mail; in the list of its stream. */
export type SuppressionOrigin = 'bounce' | 'complaint' | 'manual' | 'unsubscribe';

/** An address that is not mailed, and why. */
export interface Suppression {
  /** Id of the entry: a UUIDv7, ours; newest first is by it. */
  readonly suppressionId: string;
  /** Address, lower-cased whole, label kept. */
  readonly address: string;
  readonly origin: SuppressionOrigin;
  /** The message that caused it. */
  readonly sourceMessageId?: string;
  readonly createdAt: string;
  /** Bounce sub-type, feedback type, or the one who added it. */
  readonly reason?: string;
  /** Other causes against the address: they stay when a complaint is taken back. */
  readonly also?: readonly Cause[];
  /** Number of times that its causes have changed. */
  readonly revision?: number;
}

/** One thing that speaks against an address. */
type Cause = Pick<Suppression, 'origin' | 'sourceMessageId' | 'reason'>;

/**
 * Causes of an entry at most. More would be a mailbox that was written to in spite of itself; the item stays
 * within one read unit.
 */
const MAX_CAUSES = 20;

/** The entry with what another one says in it; the same entry where that is known. A complaint stands before all others. */
export function withCause(entry: Suppression, wanted: Suppression): Suppression {
  const cause = firstCauseOf(wanted);
  const causes = causesOf(entry);
  if (causes.some((each) => isSame(each, cause)) || causes.length >= MAX_CAUSES) return entry;
  const takesOver = cause.origin === 'complaint' && entry.origin !== 'complaint';
  return fromCauses(entry, takesOver ? [cause, ...causes] : [...causes, cause]);
}

/**
 * Entry that is left once a complaint was taken back: undefined where nothing else speaks against the
 * address, the same entry where it knows of no such complaint.
 */
export function withoutComplaint(entry: Suppression, sourceMessageId: string): Suppression | undefined {
  const causes = causesOf(entry);
  const left = causes.filter(
    (cause) => cause.origin !== 'complaint' || cause.sourceMessageId !== sourceMessageId,
  );
  if (left.length === causes.length) return entry;
  const inOrder = left.toSorted((one, other) => Number(isComplaint(other)) - Number(isComplaint(one)));
  return left.length === 0 ? undefined : fromCauses(entry, inOrder);
}

const isComplaint = ({ origin }: Cause): boolean => origin === 'complaint';

const isSame = (one: Cause, other: Cause): boolean =>
  one.origin === other.origin &&
  one.sourceMessageId === other.sourceMessageId &&
  (one.sourceMessageId !== undefined || one.reason === other.reason);

/** Cause that an entry is there for first. */
const firstCauseOf = ({ origin, sourceMessageId, reason }: Suppression): Cause => ({
  origin,
  ...defined({ sourceMessageId, reason }),
});

const causesOf = (entry: Suppression): readonly Cause[] => [firstCauseOf(entry), ...(entry.also ?? [])];

function fromCauses(
  { suppressionId, address, createdAt, revision = 0 }: Suppression,
  [first, ...also]: readonly Cause[],
): Suppression {
  if (first === undefined) throw new RangeError('An entry without a cause.');
  const rest = also.length === 0 ? {} : { also };
  return { suppressionId, address, createdAt, ...first, ...rest, revision: revision + 1 };
}
