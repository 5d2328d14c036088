import { defineConfig } from './infra/config.ts';

/**
 * The configuration that an operator edits. Checked at synth: a misspelt key fails with its name. Besides
 * what stands here, `alarms: { email }` says who is told when something is wrong in a deployed stack,
 * `publicUrl` where links in mail lead (docs/deploy.md), and `tenants: {}` lets there be some
 * (docs/tenants.md).
 */
export default defineConfig({
  /** Domains that may stand in `from`. Reserved ones (example.com, *.test, …) run locally but refuse to deploy. */
  domains: ['example.com'],

  /**
   * Days that `GET /emails/{id}` can still show html, text and attachments. 0 keeps nothing once it is sent.
   */
  content: { keepDays: 30 },

  /**
   * Events as they happen, at `GET /event-log/stream` and by `npm run tail`. Without it there is none; with
   * it nothing is to pay while no viewer is there, and some $0.01 an hour for each viewer.
   */
  liveTail: { viewers: 10 },

  /**
   * Streams of mail. Each has its own queue, SES configuration set and reputation guard; the first takes the
   * mail that names none. `pool` chooses the addresses that mail leaves from, at SES list price:
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
    // Its mail may be tracked: links by default, opens where a mail or its domain asks for it. Without `tracking` SES never
    // touches a mail. `domain` puts a name of yours into the links, which needs some setting up first (docs/deploy.md):
    // broadcast: {
    //   kind: 'broadcast', ratePercent: 30,
    //   tracking: { opens: false, clicks: true, domain: 'links.your-company.com' },
    // },
  },
});
