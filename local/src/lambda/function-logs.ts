import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { BYTES_PER_GB } from '../gateway/metering/units.ts';
import type { Meter } from '../gateway/metering/usage.ts';
import { asRecord, parseJson } from '../host/json.ts';
import type { FunctionSpec } from './function-spec.ts';

/** CloudWatch bills each event's text and 26 bytes beside it (CloudWatch Logs quotas, PutLogEvents). */
const EVENT_OVERHEAD_BYTES = 26;

/** START, END and REPORT of one invocation in plain text, measured on a nodejs function. */
const PLATFORM_BYTES = 250;
const PLATFORM_EVENTS = 3;

export interface FunctionLogs {
  /** Reads the lines of one worker's stream until it ends. */
  follow(stream: Readable, isErrorStream: boolean): void;
  /** A failure that the platform reports for the function. */
  report(line: string): void;
  /** Counts the platform's own lines of one invocation. */
  platformLines(): void;
}

/** Meters what a function logs and shows its warnings and errors on this terminal. */
export function createFunctionLogs(
  spec: FunctionSpec,
  meter: Meter,
  show: (line: string) => void,
): FunctionLogs {
  const record = (bytes: number, events: number) =>
    meter.record({
      functionName: spec.label,
      service: 'logs',
      operation: 'PutLogEvents',
      requests: 0,
      units: (bytes + events * EVENT_OVERHEAD_BYTES) / BYTES_PER_GB,
      unit: 'GB',
    });
  const take = (line: string, isError: boolean) => {
    record(Buffer.byteLength(line), 1);
    if (isError || isAlarming(line)) show(`[${spec.label}] ${line}`);
  };
  const hasPlatformLines = !(spec.logging.format === 'JSON' && spec.logging.systemLevel === 'WARN');

  return {
    follow: (stream, isErrorStream) => {
      const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
      lines.on('line', (line) => take(line, isErrorStream));
    },
    report: (line) => take(line, true),
    platformLines: () => {
      if (hasPlatformLines) record(PLATFORM_BYTES, PLATFORM_EVENTS);
    },
  };
}

const ALARMING = new Set(['WARN', 'ERROR', 'FATAL', 'CRITICAL']);

function isAlarming(line: string): boolean {
  if (!line.startsWith('{')) return ALARMING.has(line.split('\t')[2] ?? '');
  const { level } = asRecord(parseJson(line));
  return ALARMING.has(String(level).toUpperCase());
}
