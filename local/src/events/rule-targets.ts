import type { Assembly, HostedResource } from '../assembly/assembly.ts';
import { asRecord } from '../host/json.ts';
import { findFunction } from '../lambda/invoke-permission.ts';

/** A target to which a rule sends its events. */
export interface RuleTarget {
  readonly id: string;
  readonly ruleArn: string;
  readonly destination: HostedResource;
  readonly deadLetterQueueArn: string | undefined;
  readonly maxAttempts: number;
  readonly maxAgeMs: number;
}

/** EventBridge's own defaults: 24 hours and 185 retries. */
const DEFAULT_RETRIES = 185;
const DEFAULT_AGE_SECONDS = 86_400;
const HOSTED = new Set(['AWS::SQS::Queue', 'AWS::Lambda::Function']);
const KNOWN = new Set(['Id', 'Arn', 'DeadLetterConfig', 'RetryPolicy']);

/** The targets of a rule. Throws with the name of what the local cloud does not host. */
export function readTargets(assembly: Assembly, rule: HostedResource): readonly RuleTarget[] {
  const targets = rule.properties.Targets;
  return (Array.isArray(targets) ? targets : []).map((target: unknown) =>
    readTarget(assembly, rule, asRecord(target)),
  );
}

function readTarget(
  assembly: Assembly,
  rule: HostedResource,
  target: Readonly<Record<string, unknown>>,
): RuleTarget {
  const unknown = Object.keys(target).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw new Error(`The local cloud does not host ${unknown} of ${rule.logicalId}`);
  const arn = String(target.Arn);
  const destination = assembly.byArn(arn) ?? findFunction(assembly, arn);
  if (!destination || !HOSTED.has(destination.type))
    throw new Error(`The local cloud does not host the target ${arn} of ${rule.logicalId}`);

  const retry = asRecord(target.RetryPolicy);
  const deadLetterArn = asRecord(target.DeadLetterConfig).Arn;
  return {
    id: `${rule.logicalId}/${String(target.Id)}`,
    ruleArn: rule.arn ?? rule.physicalId,
    destination,
    deadLetterQueueArn: deadLetterArn === undefined ? undefined : String(deadLetterArn),
    maxAttempts: 1 + Number(retry.MaximumRetryAttempts ?? DEFAULT_RETRIES),
    maxAgeMs: Number(retry.MaximumEventAgeInSeconds ?? DEFAULT_AGE_SECONDS) * 1000,
  };
}
