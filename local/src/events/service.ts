import type { Assembly } from '../assembly/assembly.ts';
import type { HostedService } from '../gateway/hosted-service.ts';
import type { ServiceBackend } from '../gateway/service-call.ts';
import { parseJson } from '../host/json.ts';
import { EVENTS_DIALECT } from './dialect.ts';
import { eventsPermissions } from './permissions.ts';
import { eventsUsage } from './usage.ts';

interface EventsServiceOptions {
  readonly assembly: Assembly;
  readonly backend: ServiceBackend;
}

/** EventBridge with the template's buses. */
export const createEventsService = ({ assembly, backend }: EventsServiceOptions): HostedService => ({
  dialect: EVENTS_DIALECT,
  backend: async (request) => ({ response: await backend.handle(request) }),
  permissionsOf: (call) => eventsPermissions(call, assembly),
  usageOf: ({ operation, input }, { response: { status, body } }) =>
    status < 400 ? eventsUsage(operation, input, parseJson(body)) : [],
  routes: [],
  close: () => {},
});
