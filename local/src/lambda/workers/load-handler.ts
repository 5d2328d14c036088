import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LambdaHandler } from './handler.ts';
import { isStreaming, type StreamingHandler } from './response-stream.ts';

/** Names of the errors that the runtime reports when it cannot find what `Handler` names. */
class RuntimeError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

const EXTENSIONS = ['.js', '.mjs', '.cjs'];

/** Loads `index.handler` from the task root. Throws RuntimeError, or what the module throws. */
export async function loadHandler(
  taskRoot: string,
  handler: string,
): Promise<LambdaHandler | StreamingHandler> {
  const dot = handler.lastIndexOf('.');
  const moduleName = handler.slice(0, dot);
  const exportName = handler.slice(dot + 1);
  const file = EXTENSIONS.map((extension) => join(taskRoot, moduleName + extension)).find(existsSync);
  if (file === undefined)
    throw new RuntimeError('Runtime.ImportModuleError', `Error: Cannot find module '${moduleName}'`);

  const loaded: Record<string, unknown> = await import(pathToFileURL(file).href);
  const exported = loaded[exportName] ?? asRecord(loaded.default)[exportName];
  if (typeof exported !== 'function')
    throw new RuntimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  // The nodejs24.x runtime has no callbacks any more and refuses such handlers.
  const found = exported as LambdaHandler;
  if (found.length > 2 && !isStreaming(found))
    throw new RuntimeError(
      'Runtime.CallbackHandlerDeprecated',
      'Callback-based function handlers are not supported since Node.js 24; use an async handler',
    );
  return found;
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
