import type { Logger } from './logger.ts';

/** Logs what a handler throws, as one line; Lambda gets the error all the same. */
export function failureLog(logger: Logger, event: string) {
  return {
    onError({ error }: { error: unknown }) {
      logger.error(event, { error });
    },
  };
}
