/** Prefixes by which SES puts the region into its ids; `0100` is us-east-1. */
const REGION_PREFIXES: Readonly<Record<string, string>> = {
  'us-east-1': '0100',
  'us-west-2': '0101',
  'eu-west-1': '0102',
  'ap-southeast-2': '0108',
  'eu-central-1': '0107',
  'us-east-2': '010f',
};

export interface SesIds {
  /**
   * The next id, such as `0100019af0df7d88-660ee24d-7e0c-4068-be85-fa05de580a77-000000`: region, epoch
   * milliseconds, a UUID.
   */
  next(): string;
  uuid(): string;
}

/** Ids in the shape of SES's message and feedback ids; `random` gives numbers in [0, 1). */
export function createSesIds(region: string, now: () => number, random: () => number): SesIds {
  const prefix = REGION_PREFIXES[region] ?? '0100';
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  const uuid = () =>
    `${hex(8)}-${hex(4)}-4${hex(3)}-${(8 + Math.floor(random() * 4)).toString(16)}${hex(3)}-${hex(12)}`;

  return {
    uuid,
    next: () => `${prefix}${Math.floor(now()).toString(16).padStart(12, '0')}-${uuid()}-000000`,
  };
}
