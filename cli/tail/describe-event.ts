/** An event as `GET /event-log/stream` gives it. */
export interface TailedEvent {
  readonly id: string;
  readonly type: string;
  readonly created_at: string;
  readonly data: Readonly<Record<string, unknown>>;
}

type Colour = 'green' | 'red' | 'yellow' | 'blue' | 'grey';

const CODES: Readonly<Record<Colour, number>> = { green: 32, red: 31, yellow: 33, blue: 34, grey: 90 };

const COLOURS: Readonly<Record<string, Colour>> = {
  'email.delivered': 'green',
  'email.opened': 'blue',
  'email.clicked': 'blue',
  'email.delivery_delayed': 'yellow',
  'email.suppressed': 'yellow',
  'email.unsubscribed': 'yellow',
  'suppression.added': 'yellow',
  'email.bounced': 'red',
  'email.complained': 'red',
  'email.failed': 'red',
};

/** Width of the longest type. */
const TYPE_WIDTH = 22;
/** A terminal escape or a line feed in a subject must not write anywhere but in its line. */
const CONTROL = /\p{Cc}/gu;

/** Describes an event in one line: time, type, who, what, why. */
export function describeEvent({ type, created_at, data }: TailedEvent, isColoured: boolean): string {
  const paint = (text: string, colour: Colour | undefined) =>
    isColoured && colour !== undefined ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
  const time = created_at.slice(11, 23);
  const parts = [whoOf(data), whatOf(data), whyOf(data)].filter((part) => part !== '');
  const line = `${paint(time, 'grey')}  ${paint(type.padEnd(TYPE_WIDTH), COLOURS[type])}  ${parts.join('  ').replace(CONTROL, ' ')}`;
  const id = data.email_id ?? data.id;
  return id === undefined ? line : `${line}  ${paint(String(id), 'grey')}`;
}

function whoOf({ recipient, to, email, name }: TailedEvent['data']): string {
  return String(recipient ?? email ?? name ?? [to].flat().join(', '));
}

const whatOf = ({ subject, status }: TailedEvent['data']): string =>
  typeof subject === 'string' ? `“${subject}”` : String(status ?? '');

function whyOf({ bounce, failed, suppressed, click, origin }: TailedEvent['data']): string {
  const { type, subType } = (bounce ?? {}) as { type?: string; subType?: string };
  if (type !== undefined) return `${type}/${subType}`;
  const { reason } = (failed ?? suppressed ?? {}) as { reason?: string };
  const { link } = (click ?? {}) as { link?: string };
  return String(reason ?? link ?? origin ?? '');
}
