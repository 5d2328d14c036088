import type { StreamsSettings } from '../../../shared/streams/stream-settings.ts';
import type { TenantSettings } from '../../../shared/streams/tenant-settings.ts';
import type { ValidConfig } from '../../config.ts';
import type { PipelineParts } from './pipeline-parts.ts';

/** The value of `STREAMS`: what functions are told of streams, bus and tenants. */
export function streamsVariable({ stack, config, streams, subscriberBus }: PipelineParts): string {
  const settings: StreamsSettings = {
    defaultStream: config.defaultStream,
    streams: streams.settings,
    ...(subscriberBus === undefined ? {} : { eventBusName: subscriberBus.bus.eventBusName }),
    ...(config.tenants === undefined ? {} : { tenants: tenantsOf(config.tenants) }),
  };
  return stack.toJsonString(settings);
}

const tenantsOf = ({ dailyRecipients, guard }: NonNullable<ValidConfig['tenants']>): TenantSettings => ({
  ...(dailyRecipients === undefined ? {} : { dailyRecipients }),
  guard,
});
