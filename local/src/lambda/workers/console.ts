import { format } from 'node:util';
import type { LoggingSpec } from '../function-spec.ts';

const LEVELS = {
  trace: 'TRACE',
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
} as const;
const RANKS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/**
 * Makes `console` write as the Node runtime does: one line per call, tab-separated or JSON, and in JSON nothing
 * below the application log level (developer guide, "Configuring JSON and plain text log formats").
 */
export function installConsole(logging: LoggingSpec, currentRequestId: () => string): void {
  const least = logging.format === 'JSON' ? RANKS.indexOf(logging.applicationLevel) : 0;
  const write = logging.format === 'JSON' ? formatJson : formatText;

  for (const [method, level] of Object.entries(LEVELS)) {
    const isWanted = RANKS.indexOf(level) >= least;
    console[method as keyof typeof LEVELS] = (...values: unknown[]) => {
      if (isWanted) process.stdout.write(`${write(level, currentRequestId(), values)}\n`);
    };
  }
}

const formatText = (level: string, requestId: string, values: unknown[]): string =>
  `${new Date().toISOString()}\t${requestId}\t${level}\t${format(...values)}`.replaceAll('\n', '\r');

function formatJson(level: string, requestId: string, values: unknown[]): string {
  const record = { timestamp: new Date().toISOString(), level, requestId };
  const error = values.find((value) => value instanceof Error);
  const [only] = values;
  const message = values.length === 1 && isPlain(only) ? only : format(...values);
  return JSON.stringify({
    ...record,
    message,
    ...(error && {
      errorType: error.name,
      errorMessage: error.message,
      stackTrace: error.stack?.split('\n'),
    }),
  });
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !(value instanceof Error);
