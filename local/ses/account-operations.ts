import type { ServiceResponse } from '../ports.ts';
import type { SendQuota } from './send-quota.ts';
import { jsonResponse, SesError } from './ses-error.ts';
import type { SesResources } from './ses-resources.ts';

/** GetAccount of a healthy account with production access. */
export const getAccount = (quota: SendQuota, ratePerSecond: number, dailyQuota: number): ServiceResponse =>
  jsonResponse(200, {
    DedicatedIpAutoWarmupEnabled: false,
    EnforcementStatus: 'HEALTHY',
    ProductionAccessEnabled: true,
    SendingEnabled: true,
    SendQuota: {
      Max24HourSend: dailyQuota,
      MaxSendRate: ratePerSecond,
      SentLast24Hours: quota.sentLast24Hours(),
    },
    SuppressionAttributes: { SuppressedReasons: [] },
  });

const IDENTITY_URL = /^\/v2\/email\/identities\/([^/?]+)$/;

/** GetEmailIdentity of a template's identity, verified with its DKIM and MAIL FROM. */
export function getEmailIdentity(resources: SesResources, url: string): ServiceResponse {
  const name = decodeURIComponent(IDENTITY_URL.exec(url)?.[1] ?? '');
  const identity = resources.findIdentity(name);
  if (!identity) throw new SesError('NotFoundException', `Email identity <${name}> does not exist.`);

  return jsonResponse(200, {
    IdentityType: name.includes('@') ? 'EMAIL_ADDRESS' : 'DOMAIN',
    FeedbackForwardingStatus: true,
    VerifiedForSendingStatus: true,
    VerificationStatus: 'SUCCESS',
    DkimAttributes: { SigningEnabled: true, Status: 'SUCCESS', SigningAttributesOrigin: 'AWS_SES' },
    ...(identity.mailFromDomain && {
      MailFromAttributes: {
        MailFromDomain: identity.mailFromDomain,
        MailFromDomainStatus: 'SUCCESS',
        BehaviorOnMxFailure: identity.behaviorOnMxFailure,
      },
    }),
    ...(identity.configurationSet && { ConfigurationSetName: identity.configurationSet }),
    Policies: {},
    Tags: [],
  });
}
