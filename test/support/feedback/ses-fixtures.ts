import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../fixtures/ses');

type Json = Record<string, unknown>;

export const SES_FIXTURES: readonly string[] = readdirSync(FOLDER)
  .map((file) => basename(file, '.json'))
  .sort();

/** An event record as SES documents it, as raw SNS delivery hands it over. */
export function readSesFixture(name: string): Json {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Json;
}

/** The same event through EventBridge. */
export function onBus(event: Json): Json {
  return {
    version: '0',
    id: '7bf73129-1428-4cd3-a780-95db273d1602',
    'detail-type': 'Email Event',
    source: 'aws.ses',
    account: '123456789012',
    time: '2026-11-23T10:00:07Z',
    region: 'us-east-1',
    resources: ['arn:aws:ses:us-east-1:123456789012:configuration-set/transactional'],
    detail: event,
  };
}

/** The same event through SNS without raw delivery. */
export function onTopic(event: Json): Json {
  return {
    Type: 'Notification',
    MessageId: '483eae4c-4fb0-57e5-a5f9-ff9b08612bef',
    TopicArn: 'arn:aws:sns:us-east-1:123456789012:events',
    Subject: 'Amazon SES Email Event Notification',
    Message: `${JSON.stringify(event)}\n`,
    Timestamp: '2026-11-23T10:00:07.000Z',
  };
}

/** Deep changes by path: `{ 'bounce.bounceType': 'Transient' }`. */
export function changed(event: Json, changes: Readonly<Record<string, unknown>>): Json {
  const copy = structuredClone(event);
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    const holder = names.reduce<Json>((object, name) => object[name] as Json, copy);
    holder[last] = value;
  }
  return copy;
}
