import { createBootstrapTokens } from '../../../shared/access/adapters/bootstrap-keys-table.ts';
import type { CommonDeps } from '../wire-common.ts';
import { apiKeyRoutes } from './api-keys.ts';

export const wireApiKeys = ({
  environment,
  catalog,
  clock,
  ids,
  apiKeys,
  signingKeys,
  tenants,
  domains,
}: CommonDeps) =>
  apiKeyRoutes({
    apiKeys,
    bootstrapTokens: createBootstrapTokens(catalog),
    signingKeys,
    clock,
    ids,
    configuredDomains: environment.sendingDomains,
    domains,
    streams: environment.streams,
    tenants,
  });
