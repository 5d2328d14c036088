import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as othersRan } from 'node:timers/promises';
import type { WebhookJob } from '../../../shared/webhooks/contract/webhook-job.ts';
import type { CallOutcome } from '../../../shared/webhooks/webhook-call.ts';
import type { WebhookHealth } from '../../../shared/webhooks/webhook-health.ts';
import { NOON } from '../../support/messages/message-builders.ts';
import { aWebhook } from '../../support/webhooks/webhook-builders.ts';
import {
  answered,
  aWebhookJob,
  createWebhookWorld,
  type WebhookWorld,
} from '../../support/webhooks/webhook-world.ts';

const FIVE_DAYS_MS = 5 * 86_400_000;

const QUICK: WebhookHealth = { isQuick: true, failures: 0 };
const BROKEN: WebhookHealth = {
  ...{
    isQuick: false,
    failures: 20,
    failingSinceEpochMs: NOON - FIVE_DAYS_MS + 1,
    lastFailureEpochMs: NOON - 1,
  },
  breaker: { openings: 1, openUntilEpochMs: NOON },
};

interface Scenario {
  readonly title: string;
  readonly job?: Partial<WebhookJob>;
  readonly answer?: CallOutcome;
  readonly health?: WebhookHealth;
  readonly isDisabled?: boolean;
}

const SCENARIOS: readonly Scenario[] = [
  { title: 'delivers at the first attempt' },
  { title: 'delivers from the quick queue', job: { queue: 'quick' }, health: QUICK },
  { title: 'delivers at a later attempt', job: { attempts: 3 } },
  { title: 'is to be tried again in seconds', answer: answered(500) },
  { title: 'is to be tried again in hours', answer: answered(500), job: { attempts: 4 } },
  { title: 'is not tried any more', answer: answered(500), job: { attempts: 9 } },
  { title: 'finds the endpoint gone', answer: answered(410) },
  { title: 'finds the webhook disabled', isDisabled: true },
  { title: 'is handed to the slow queue', job: { queue: 'quick' } },
  {
    title: 'waits for the breaker',
    health: { ...BROKEN, breaker: { openings: 1, openUntilEpochMs: NOON + 1 } },
  },
  { title: 'tries the breaker and gets through', health: BROKEN },
  { title: 'tries the breaker in vain', answer: answered(500), health: BROKEN },
  {
    title: 'finds the endpoint failing for five days',
    answer: answered(500),
    health: { ...BROKEN, failingSinceEpochMs: NOON - FIVE_DAYS_MS },
  },
];

/** A world in which whoever takes the step of that number dies over it, and everybody after that lives. */
function aWorldWithDeath(deathStep: number, { answer = answered(200), health, isDisabled }: Scenario) {
  let step = 0;
  const webhook = aWebhook(isDisabled ? { status: 'disabled' } : {});
  const world = createWebhookWorld({
    webhooks: [webhook],
    answer: () => answer,
    around: () => {
      step += 1;
      return step === deathStep ? new Promise<never>(() => {}) : undefined;
    },
  });
  if (health !== undefined) world.healths.set(webhook.webhookId, health);
  return world;
}

async function isOver(work: Promise<unknown>): Promise<boolean> {
  let over = false;
  void work.then(() => {
    over = true;
  });
  for (let rounds = 0; rounds < 5; rounds += 1) await othersRan();
  return over;
}

/** Where the event is: nowhere is lost. */
function whereabouts(
  world: WebhookWorld,
  job: WebhookJob,
  { answer = answered(200) }: Scenario,
): readonly string[] {
  const isTaken = world.calls.length > 0 && answer.kind === 'answered' && answer.status < 300;
  return [
    ...(isTaken ? ['delivered'] : []),
    ...(world.queued.length + world.dueRows.length > 0 ? ['waiting'] : []),
    ...(world.deliveryOf(job)?.state === 'failed' ? ['failed'] : []),
  ];
}

describe('deliver-webhook that dies at any step', () => {
  for (const scenario of SCENARIOS) {
    test(`a death at any step loses no event that ${scenario.title}`, async () => {
      const job = aWebhookJob(scenario.job);
      let deaths = 0;
      for (let step = 1; ; step += 1) {
        const world = aWorldWithDeath(step, scenario);
        const hasSurvived = await isOver(world.openProcess().runAndFlush(job));
        // The record was not acknowledged: it comes again, to somebody else.
        if (!hasSurvived) await world.openProcess().runAndFlush(job);
        assert.notDeepEqual(whereabouts(world, job, scenario), [], `after ${world.reached.join(', ')}`);
        if (hasSurvived) break;
        deaths += 1;
      }
      assert.ok(deaths >= 4, `${deaths} steps`);
    });
  }
});
