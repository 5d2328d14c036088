import { Annotations, CfnParameter, CfnRule, Fn } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { isReserved } from '../../config.ts';

interface DeployableDomainsProps {
  readonly domains: readonly string[];
}

/**
 * Lets reserved domains run locally and has CloudFormation refuse them before it creates anything: a template rule is
 * judged when a deployment starts, and only then.
 */
export class DeployableDomains extends Construct {
  constructor(scope: Construct, id: string, { domains }: DeployableDomainsProps) {
    super(scope, id);
    const reserved = domains.filter(isReserved);
    // `cdk deploy` passes the previous value of every parameter that is still there, so a parameter that stayed in
    // the template would vouch today for the domains of the first deployment.
    if (reserved.length === 0) return;

    const parameter = new CfnParameter(this, 'Reserved', {
      description: 'Configured domains that cannot be owned.',
      default: reserved.join(','),
    });
    new CfnRule(this, 'Rule', {
      assertions: [
        {
          assert: Fn.conditionEquals(parameter.valueAsString, 'none'),
          assertDescription: `Put a domain that you own into \`domains\` in postlane.config.ts; ${reserved.join(', ')} cannot send mail.`,
        },
      ],
    });
    for (const domain of reserved)
      Annotations.of(this).addWarningV2(
        `postlane:reserved-${domain}`,
        `${domain} is reserved: it runs locally, and a deployment will refuse it. Deploy with a domain of your own in postlane.config.ts.`,
      );
  }
}
