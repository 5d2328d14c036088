import { parseArgs } from 'node:util';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { describeEvent, type TailedEvent } from './tail/describe-event.ts';
import { readTailSettings, type TailSettings, USAGE } from './tail/tail-settings.ts';

/** `npm run tail`: prints delivery events as they happen, until it is told to stop; comes back by itself. */
const { values, settings } = readArguments();
if (values.help) {
  console.log(USAGE);
} else {
  await follow(settings);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        url: { type: 'string' },
        key: { type: 'string' },
        type: { type: 'string' },
        email: { type: 'string' },
        after: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return { values, settings: readTailSettings(values, process.env) };
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

async function follow(settings: TailSettings): Promise<never> {
  let lastEventId = settings.after;
  let isFirst = true;
  for (let failures = 0; ; ) {
    try {
      const response = await connect(settings, lastEventId);
      if (isFirst) console.error(`Waiting for events at ${settings.url} (Ctrl+C ends it)`);
      isFirst = false;
      failures = 0;
      for await (const { id, data } of framesOf(response)) {
        lastEventId = id ?? lastEventId;
        print(data, settings);
      }
    } catch (error) {
      failures += 1;
      if (isFirst) fail(reasonOf(error, settings));
      if (failures === 1)
        console.error(`The connection is gone (${reasonOf(error, settings)}); trying again`);
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(30_000, 1000 * 2 ** failures)));
  }
}

/** Exits for what will not be otherwise next time; throws for what may be. */
async function connect({ url, key, query }: TailSettings, lastEventId: string | undefined) {
  const response = await fetch(`${url}/event-log/stream${query}`, {
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'text/event-stream',
      'user-agent': 'postlane-tail',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  });
  if (response.ok) return response;
  const { message = response.statusText } = (await response.json().catch(() => ({}))) as { message?: string };
  if (response.status >= 500 || response.status === 429) throw new Error(message);
  return fail(`${url} answered ${response.status}: ${message}`);
}

async function* framesOf(response: Response) {
  if (response.body === null) return;
  const frames = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  yield* frames;
}

function print(data: string, { isJson, isColoured }: TailSettings): void {
  console.log(isJson ? data : describeEvent(JSON.parse(data) as TailedEvent, isColoured));
}

function reasonOf(error: unknown, { url }: TailSettings): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code } = cause as { code?: string };
  if (code === 'ECONNREFUSED') return `nothing listens at ${url}; is \`npm start\` running?`;
  return cause instanceof Error ? cause.message : String(cause);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
