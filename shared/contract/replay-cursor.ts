import * as z from 'zod/mini';
import type { LogCursor } from '../domain/event-ports.ts';

/** Where a replay of the log has stopped, as its job carries it. */
const logCursor = z.array(z.object({ segment: z.number(), index: z.number() }));

export const formatReplayCursor = (cursor: LogCursor): string => JSON.stringify(cursor);

export const parseReplayCursor = (text: string): LogCursor => logCursor.parse(JSON.parse(text));
