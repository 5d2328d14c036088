/**
 * Log lines are JSON, one per line, made of words, ids and numbers only. A text with any other character (an `@`, a
 * space, a quote) is not printed, so that neither an address nor a subject or a body can reach a log, from any caller.
 */
export interface Logger {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** `error` is printed by its class, code, HTTP status and stack frames: its message may quote an address. */
  error(event: string, fields?: LogFields & { readonly error?: unknown }): void;
  /** One CloudWatch metric (unit Count) in the embedded metric format; `metric` is PascalCase. */
  count(metric: string, value: number): void;
}

type LogFields = Readonly<Record<string, unknown>>;

const PRINTABLE = /^[\w.:#/+=-]{0,200}$/;
const METRIC_NAMESPACE = 'Postlane';

/**
 * @param functionName folder name of the function, on every line
 * @param write receives one line without its line feed. The default goes round the runtime's `console`, which would put
 * a prefix before it: CloudWatch reads embedded metrics only from lines that are JSON as a whole.
 */
export function createLogger(
  functionName: string,
  write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
): Logger {
  const print = (level: string, event: string, fields: LogFields = {}) =>
    write(
      JSON.stringify({ level, event: printable(event), function: functionName, ...printableFields(fields) }),
    );

  return {
    info: (event, fields) => print('info', event, fields),
    warn: (event, fields) => print('warn', event, fields),
    error: (event, fields) => print('error', event, fields),
    count: (metric, value) => write(JSON.stringify(embeddedMetric(functionName, metric, value))),
  };
}

function printableFields(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      String(printable(name)),
      name === 'error' ? describeError(value) : printable(value),
    ]),
  );
}

function printable(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined) return value;
  if (typeof value === 'string') return PRINTABLE.test(value) ? value : '(hidden)';
  if (Array.isArray(value)) return value.slice(0, 20).map(printable);
  return '(hidden)';
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { class: printable(typeof error) };
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } };
  return {
    class: printable(error.name),
    code: printable(code),
    httpStatus: printable($metadata?.httpStatusCode),
    requestId: printable(($metadata as { requestId?: string } | undefined)?.requestId),
    frames: framesOf(error),
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
  };
}

/** Frames of a stack, and nothing else: its first lines repeat the message. */
function framesOf(error: Error): readonly string[] {
  return (error.stack ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^at [\w.<>$ []+[\]\w]* \((?:node:|file:|\/)[\w./:-]+\)$/.test(line))
    .slice(0, 5);
}

function embeddedMetric(functionName: string, metric: string, value: number): object {
  const definition = {
    Namespace: METRIC_NAMESPACE,
    Dimensions: [['function']],
    Metrics: [{ Name: metric, Unit: 'Count' }],
  };
  return {
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [definition] },
    function: functionName,
    [metric]: value,
  };
}
