/**
 * `$default` of the HTTP API: everything that is asked and administered, and sends whose path is spelt oddly. Only its
 * caller repeats a request; every write is the same when it is repeated, but for what is made anew: a key, a webhook or a
 * secret.
 */
import { httpStack } from '../../shared/runtime/http-stack.ts';
import { wireApiKeys } from './access/wire-api-keys.ts';
import { createControlApi } from './control-api.ts';
import { wireDomains } from './domains/wire-domains.ts';
import { wireEmails } from './emails/wire-emails.ts';
import { wireEventLog } from './events/wire-event-log.ts';
import { wireMetrics } from './metrics/wire-metrics.ts';
import { wireSends } from './sends/wire-sends.ts';
import { wireStreams } from './streams/wire-streams.ts';
import { wireSuppressions, wireUnsubscribe } from './suppressions/wire-suppressions.ts';
import { wireTenants } from './tenants/wire-tenants.ts';
import { wireWebhooks } from './webhooks/wire-webhooks.ts';
import { createCommonDeps } from './wire-common.ts';

const commonDeps = createCommonDeps();

const controlApi = createControlApi({
  authenticate: commonDeps.authenticate,
  unsubscribe: wireUnsubscribe(commonDeps),
  sends: wireSends(commonDeps),
  forTenants: [
    wireMetrics(commonDeps),
    wireEmails(commonDeps),
    wireApiKeys(commonDeps),
    wireDomains(commonDeps),
    wireSuppressions(commonDeps),
    wireWebhooks(commonDeps),
    wireEventLog(commonDeps),
  ],
  forOperator: [wireStreams(commonDeps), wireTenants(commonDeps)],
});

export const handler = httpStack(controlApi, commonDeps.log);
