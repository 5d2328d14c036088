import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  EasyDkimSigningKeyLength,
  EmailIdentity,
  Identity,
  MailFromBehaviorOnMxFailure,
} from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import { mailFromDomainOf } from '../../domain-names.ts';

interface SendingIdentityProps {
  readonly domain: string;
}

/** A domain that may stand in `from`: Easy DKIM with 2048-bit keys and a MAIL FROM of its own, so that SPF aligns. */
export class SendingIdentity extends Construct {
  /** One `<name> <type> <value>` for each record. */
  readonly dnsRecords: readonly string[];

  constructor(scope: Construct, id: string, { domain }: SendingIdentityProps) {
    super(scope, id);
    const mailFromDomain = mailFromDomainOf(domain);
    const identity = new EmailIdentity(this, 'Identity', {
      identity: Identity.domain(domain),
      dkimIdentity: { bind: () => ({ nextSigningKeyLength: EasyDkimSigningKeyLength.RSA_2048_BIT }) },
      mailFromDomain,
      // Until the MX record is there, mail leaves under amazonses.com instead of not at all.
      mailFromBehaviorOnMxFailure: MailFromBehaviorOnMxFailure.USE_DEFAULT_VALUE,
      // Bounces come as events; a copy by mail would land in the mailbox behind every `from`.
      feedbackForwarding: false,
    });
    // A new identity would have new DKIM names: mail would fail its signature until DNS is changed.
    identity.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    this.dnsRecords = [
      ...identity.dkimRecords.map(({ name, value }) => `${name} CNAME ${value}`),
      `${mailFromDomain} MX 10 feedback-smtp.${Stack.of(this).region}.amazonses.com`,
      `${mailFromDomain} TXT "v=spf1 include:amazonses.com ~all"`,
      `_dmarc.${domain} TXT "v=DMARC1; p=none; rua=mailto:dmarc@${domain}"`,
    ];
    new CfnOutput(this, 'DnsRecords', {
      description: `DNS records to set for ${domain}`,
      value: this.dnsRecords.join('\n'),
    });
  }
}
