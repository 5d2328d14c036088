import type { StreamSettings } from '../streams/stream-settings.ts';
import type { WarmUpDecision } from './warm-up.ts';

/** The configuration set that a mail takes, and with it the pool; undefined where it waits. */
export function configurationSetFor(
  stream: Pick<StreamSettings, 'configurationSet' | 'overflowConfigurationSet' | 'sharedConfigurationSet'>,
  decision: Pick<WarmUpDecision, 'kind'>,
): string | undefined {
  switch (decision.kind) {
    case 'dedicated':
      return stream.configurationSet;
    case 'overflow':
      return stream.overflowConfigurationSet;
    case 'shared':
      return stream.sharedConfigurationSet;
    case 'wait-for-tomorrow':
      return undefined;
  }
}
