import type { Assembly } from '../assembly/assembly.ts';
import type { HostedService } from '../gateway/hosted-service.ts';
import type { SesBackend } from './backend.ts';
import { SES_DIALECT } from './dialect.ts';
import { sesPermissions } from './permissions.ts';
import { sesRoutes } from './routes.ts';
import { sesUsage } from './usage.ts';

interface SesServiceOptions {
  readonly assembly: Assembly;
  readonly ses: SesBackend;
}

/** SES with the template's identities, configuration sets, pools and tenants. */
export const createSesService = ({ assembly, ses }: SesServiceOptions): HostedService => ({
  dialect: SES_DIALECT,
  backend: async (request) => ({ response: await ses.handle(request) }),
  permissionsOf: (call) => sesPermissions(call, assembly),
  usageOf: ({ operation, input }, { response }) => (response.status < 400 ? sesUsage(operation, input) : []),
  routes: sesRoutes(ses),
  close: ses.close,
});
