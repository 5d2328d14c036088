import type { LocalRoute } from '../host/local-routes.ts';
import type { Dialect } from './dialect.ts';
import type { NeededPermission } from './iam/needed-permission.ts';
import type { BilledUnits } from './metering/units.ts';
import type { ServiceName, ServiceRequest, ServiceResponse } from './service-call.ts';
import type { ServiceCall, WireCall } from './wire-call.ts';

/** Effect of a call, as far as billing needs to know it; a service may say more of its own. */
export interface ServiceOutcome {
  readonly response: ServiceResponse;
}

/** One AWS service of the local cloud, with everything that the gateway has to know of it. */
export interface HostedService<Outcome extends ServiceOutcome = ServiceOutcome> {
  readonly dialect: Dialect;
  /** Switch for faults: whether the gateway disturbs its calls; true where absent. */
  readonly takesFaults?: boolean;
  /** Answers a call that is authorised. */
  backend(request: ServiceRequest, wire: WireCall): Promise<Outcome>;
  /** Permissions that IAM asks for a call (AWS Service Authorization Reference). */
  permissionsOf(call: ServiceCall): readonly NeededPermission[];
  /** The permission without which an answer is kept from the caller; undefined where there is nothing to hide. */
  concealedBy?(call: ServiceCall, request: ServiceRequest, outcome: Outcome): NeededPermission | undefined;
  /** Units that the call is billed for, the request itself in the first of them. */
  usageOf(call: ServiceCall, outcome: Outcome): readonly BilledUnits[];
  /** Routes that it answers under `/_local`. */
  readonly routes: readonly LocalRoute[];
  close(): Promise<void> | void;
}

export type HostedServices = { readonly [Name in ServiceName]: HostedService };
