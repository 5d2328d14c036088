import type { ServiceName } from '../service-call.ts';

/** One billed thing. `usd` is computed by the meter from its price list. */
export interface Usage {
  readonly functionName: string;
  readonly service: ServiceName | 'apigateway' | 'logs';
  readonly operation: string;
  readonly requests: number;
  readonly units: number;
  /** `WRU`, `RRU`, `64KB chunk`, `512KB chunk`, `GB-s`, `request`, `recipient`, `GB`, … */
  readonly unit: string;
}

export interface Meter {
  record(usage: Usage): void;
}
