import { defineConfig } from './infra/config.ts';

/**
 * What an operator edits. Checked at synth: a misspelt key fails with its name. Besides what stands here,
 * `alarms: { email }` says who is told when something is wrong in a deployed stack, and `tenants: {}` lets there be some
 * (docs/tenants.md).
 */
export default defineConfig({
  /** Domains that may stand in `from`. Reserved ones (example.com, *.test, …) run locally but refuse to deploy. */
  domains: ['example.com'],

  /** How long `GET /emails/{id}` can still show html, text and attachments. 0 keeps nothing once it is sent. */
  content: { keepDays: 30 },

  /**
   * Events as they happen, at `GET /event-log/stream` and by `npm run tail`. Without it there is none; with it nothing is
   * to pay while nobody watches, and some $0.01 an hour for each viewer.
   */
  liveTail: { viewers: 10 },

  /**
   * Each has its own queue, SES configuration set and reputation guard; the first takes the mail that names none. `pool`
   * chooses the addresses that mail leaves from, at SES list price:
   *   'shared'    SES's own, nothing to pay
   *   'managed'   dedicated and warmed up by SES: $15 a month and $0.08 to $0.008 per 1,000 mails
   *   'standard'  dedicated and warmed up by the plan below: $24.95 a month for each address
   */
  streams: {
    transactional: { kind: 'transactional', pool: 'shared', ratePercent: 70 },
    broadcast: { kind: 'broadcast', pool: 'shared', ratePercent: 30 },
    // On addresses of its own, 200 recipients on the first day, 40 percent more on each, the rest by shared addresses:
    // broadcast: {
    //   kind: 'broadcast', pool: 'standard', ratePercent: 30,
    //   warmUp: { plan: { start: 200, growth: 1.4, target: 50_000 }, overflow: 'shared' },
    // },
  },
});
