import { notFound } from '../../shared/contract/errors.ts';
import { OPERATOR_TENANT } from '../../shared/domain/tenant.ts';
import type { ApiRoute } from './call.ts';

/** Routes about what all tenants share: to a tenant's key they are not there. */
export const operatorOnly = (routes: readonly ApiRoute[]): readonly ApiRoute[] =>
  routes.map(({ handler, ...route }) => ({
    ...route,
    async handler(call) {
      if (call.claims.tenant !== OPERATOR_TENANT) throw notFound('The requested endpoint does not exist.');
      return handler(call);
    },
  }));
