/** Places for viewers of the live tail; one that stops renewing loses its place after a while. */
export interface ViewerSlots {
  /** Claims a place; undefined where all are taken. */
  claim(viewerId: string): Promise<ViewerSlot | undefined>;
}

export interface ViewerSlot {
  /** False where another viewer has the place by now. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

/** Longer than two heartbeats: one that is late costs no viewer its place. */
export const SLOT_LEASE_MS = 45_000;
