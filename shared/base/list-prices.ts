const MILLION = 1_000_000;
const THOUSAND = 1_000;

/** US dollars per unit in us-east-1: on demand, arm64, first tier, SES à la carte. Sources: the services' price pages. */
const PRICES = {
  dynamodb: { WRU: 0.625 / MILLION, RRU: 0.125 / MILLION },
  sqs: { '64KB chunk': 0.4 / MILLION, 'empty receive': 0.4 / MILLION, 'fair surcharge': 0.1 / MILLION },
  sns: { '64KB chunk': 0.5 / MILLION },
  s3: { PUT: 5 / MILLION, GET: 0.4 / MILLION, DELETE: 0 },
  lambda: { request: 0.2 / MILLION, 'GB-s': 0.0000133334 },
  apigateway: { '512KB chunk': 1 / MILLION },
  logs: { GB: 0.5 },
  events: { 'AWS event': 0, '64KB chunk': 1 / MILLION },
  ses: { recipient: 0.1 / THOUSAND, 'attachment GB': 0.12 },
} as const satisfies Readonly<Record<string, Readonly<Record<string, number>>>>;

type PricedService = keyof typeof PRICES;

/** US dollars for one unit; throws for a unit the list does not hold, so that nothing is free by mistake. */
export function priceOf(service: PricedService, unit: string): number {
  const units: Readonly<Record<string, number>> = PRICES[service];
  const price = units[unit];
  if (price === undefined) throw new Error(`No price for the unit "${unit}" of ${service}`);
  return price;
}
