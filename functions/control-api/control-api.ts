import { requireFullAccess } from '../../shared/access/contract/permissions.ts';
import type { Authenticate } from '../../shared/access/services/authenticate.ts';
import {
  type ContractResponse,
  methodNotAllowed,
  notFound,
  type PageResponse,
} from '../../shared/base/contract/errors.ts';
import { OPERATOR_TENANT } from '../../shared/base/tenant-name.ts';
import type { ApiRoute } from './call.ts';
import { notBuiltRoutes } from './not-built-yet.ts';
import { matchRoute } from './router.ts';

interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Routes of the subjects, in the order in which a path is matched. */
interface RouteGroups {
  /** Those that send: any key may use them. */
  readonly sends: readonly ApiRoute[];
  readonly forTenants: readonly (readonly ApiRoute[])[];
  /** About what all tenants share. */
  readonly forOperator: readonly (readonly ApiRoute[])[];
}

interface ControlDeps extends RouteGroups {
  readonly authenticate: Authenticate;
  /** Answers links of mails, which are their own right, and undefined for every other path. */
  readonly unsubscribe: (request: ControlRequest) => Promise<PageResponse | undefined>;
}

/**
 * Every route but the two that send, and those two as well where their path is spelt oddly. Who asks is settled before
 * what is asked: without a key nothing is told, not even which routes exist. Links of mails alone are their own right.
 * @throws ContractError for every answer that is not a success
 */
export function createControlApi({ authenticate, unsubscribe, sends, ...groups }: ControlDeps) {
  const forTenants = [...sends, ...notBuiltRoutes, ...groups.forTenants.flat()];
  const forOperator = [...forTenants, ...groups.forOperator.flat()];

  return async (request: ControlRequest): Promise<ContractResponse | PageResponse> => {
    const page = await unsubscribe(request);
    if (page !== undefined) return page;

    const { method, path, ...rest } = request;
    const claims = await authenticate(rest.headers);
    if (matchRoute(sends, method, path).kind !== 'found') requireFullAccess(claims);

    const routes = claims.tenant === OPERATOR_TENANT ? forOperator : forTenants;
    const match = matchRoute(routes, method, path);
    if (match.kind === 'unknown') throw notFound('The requested endpoint does not exist.');
    if (match.kind === 'wrong-method') throw methodNotAllowed(method, match.allowed);
    return match.handler({ ...rest, claims, params: match.params });
  };
}
