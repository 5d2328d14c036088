import { parseArgs } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

/** `npm run rebuild-log`: has `publish-events` publish what the log lacks, a stretch after the other, and says how far it is. */
const USAGE = `npm run rebuild-log -- --from <time> [options]

  --from <time>       of when the first message was accepted, such as 2026-11-27T00:00Z
  --until <time>      of when the last one was; now where it is not given
  --tenant <name>     whose log; the operator's own where it is not given
  --pass-on-all       hands webhooks and bus what the log had, too: after a run that was cut off
  --function <name>   the function publish-events of your deployment
  --local <url>       the local cloud instead, such as http://127.0.0.1:3000`;

interface Answer {
  readonly messages: number;
  readonly eventsKnown: number;
  readonly eventsAdded: number;
  readonly nextFrom?: string;
}

type Invoke = (event: object) => Promise<Answer>;

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    until: { type: 'string' },
    tenant: { type: 'string' },
    'pass-on-all': { type: 'boolean', default: false },
    function: { type: 'string' },
    local: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const isUsable = values.from !== undefined && (values.function ?? values.local) !== undefined;
if (values.help || !isUsable) {
  console.error(USAGE);
  process.exitCode = values.help ? 0 : 1;
} else {
  await rebuild(values.local === undefined ? onLambda(values.function ?? '') : onLocalCloud(values.local));
}

async function rebuild(invoke: Invoke): Promise<void> {
  const { until, tenant, 'pass-on-all': isAll } = values;
  const total = { messages: 0, eventsAdded: 0 };
  for (let from = values.from; from !== undefined; ) {
    const options = { ...(until && { until }), ...(tenant && { tenant }), ...(isAll && { passOn: 'all' }) };
    const answer = await invoke({ command: 'rebuild-log', from, ...options });
    total.messages += answer.messages;
    total.eventsAdded += answer.eventsAdded;
    console.log(`${total.messages} messages looked through, ${total.eventsAdded} events added`);
    from = answer.nextFrom;
  }
  console.log('Done.');
}

function onLambda(FunctionName: string): Invoke {
  const lambda = new LambdaClient({});
  return async (event) => {
    const Payload = Buffer.from(JSON.stringify(event));
    const { FunctionError, Payload: answer = new Uint8Array() } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload }),
    );
    const text = Buffer.from(answer).toString('utf8');
    if (FunctionError !== undefined) throw new Error(`${FunctionName} failed: ${text}`);
    return JSON.parse(text) as Answer;
  };
}

function onLocalCloud(url: string): Invoke {
  return async (event) => {
    const body = JSON.stringify(event);
    const response = await fetch(`${url}/_local/functions/publish-events`, { method: 'POST', body });
    const answer = (await response.json()) as { payload?: Answer };
    if (answer.payload === undefined) throw new Error(`${url} answered ${JSON.stringify(answer)}`);
    return answer.payload;
  };
}
