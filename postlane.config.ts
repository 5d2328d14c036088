import { defineConfig } from './infra/config.ts';

/**
 * What an operator edits. Checked at synth: a misspelt key fails with its name. Besides what stands here,
 * `alarms: { email }` says who is told when something is wrong in a deployed stack.
 */
export default defineConfig({
  /** Domains that may stand in `from`. Reserved ones (example.com, *.test, …) run locally but refuse to deploy. */
  domains: ['example.com'],

  /** How long `GET /emails/{id}` can still show html, text and attachments. 0 keeps nothing once it is sent. */
  content: { keepDays: 30 },
});
