import { createSuppressionsTable } from '../../../shared/suppressions/adapters/suppressions-table.ts';
import type { CommonDeps } from '../wire-common.ts';
import { suppressionRoutes } from './suppressions.ts';
import { createUnsubscribe } from './unsubscribe.ts';

export const wireSuppressions = (commonDeps: CommonDeps) =>
  suppressionRoutes({
    suppressions: suppressionsOf(commonDeps),
    streams: commonDeps.environment.streams,
    clock: commonDeps.clock,
    ids: commonDeps.ids,
  });

export const wireUnsubscribe = (commonDeps: CommonDeps) =>
  createUnsubscribe({
    messages: commonDeps.mail.messages,
    suppressions: suppressionsOf(commonDeps),
    signingKeys: commonDeps.signingKeys,
    ids: commonDeps.ids,
    clock: commonDeps.clock,
  });

const suppressionsOf = ({ client, environment }: CommonDeps) =>
  createSuppressionsTable({ client, tableName: environment.suppressionsTableName });
