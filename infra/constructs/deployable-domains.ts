import { Annotations, CfnParameter, CfnRule, Fn } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { isReserved } from '../config.ts';

export interface DeployableDomainsProps {
  readonly domains: readonly string[];
}

const NONE = 'none';

/**
 * Lets reserved domains run locally and has CloudFormation refuse them before it creates anything: a template rule is
 * judged when a deployment starts, and only then.
 */
export class DeployableDomains extends Construct {
  constructor(scope: Construct, id: string, { domains }: DeployableDomainsProps) {
    super(scope, id);
    const reserved = domains.filter(isReserved);
    const advice = `Put a domain that you own into \`domains\` in postlane.config.ts; ${reserved.join(', ')} is reserved and cannot send mail.`;
    const parameter = new CfnParameter(this, 'Reserved', {
      description: 'Configured domains that nobody can own; a deployment needs this to be none.',
      default: reserved.join(',') || NONE,
    });
    new CfnRule(this, 'Rule', {
      assertions: [{ assert: Fn.conditionEquals(parameter.valueAsString, NONE), assertDescription: advice }],
    });
    for (const domain of reserved)
      Annotations.of(this).addWarningV2(
        `postlane:reserved-${domain}`,
        `${domain} is reserved: it runs locally, and a deployment will refuse it.`,
      );
  }
}
