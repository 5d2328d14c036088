import {
  AlreadyExistsException,
  BadRequestException,
  CreateEmailIdentityCommand,
  DeleteEmailIdentityCommand,
  type DkimAttributes,
  GetEmailIdentityCommand,
  type GetEmailIdentityResponse,
  LimitExceededException,
  NotFoundException,
  PutEmailIdentityDkimSigningAttributesCommand,
  PutEmailIdentityFeedbackAttributesCommand,
  PutEmailIdentityMailFromAttributesCommand,
  type SESv2ClientConfig,
} from '@aws-sdk/client-sesv2';
import { createSesControlClient, PATIENT } from '../../base/adapters/ses-control-client.ts';
import { type Identities, IdentityRefusedError } from '../ports.ts';
import type { IdentityCheck, IdentityState } from '../sending-domain.ts';

const EASY_DKIM = { NextSigningKeyLength: 'RSA_2048_BIT' } as const;

/** SES identities; every call is the same when it is repeated. */
export function createSesIdentities(config: SESv2ClientConfig = {}): Identities {
  const client = createSesControlClient({ ...PATIENT, ...config });

  return {
    async get(EmailIdentity) {
      const found = await absentAsUndefined(client.send(new GetEmailIdentityCommand({ EmailIdentity })));
      return found && toIdentity(found);
    },

    async create(EmailIdentity) {
      const command = new CreateEmailIdentityCommand({ EmailIdentity, DkimSigningAttributes: EASY_DKIM });
      try {
        return { kind: 'created', identity: toIdentity(await client.send(command)) };
      } catch (error) {
        if (error instanceof AlreadyExistsException) return { kind: 'exists' };
        throw refusalOf(error);
      }
    },

    async setMailFrom(EmailIdentity, MailFromDomain) {
      const command = new PutEmailIdentityMailFromAttributesCommand({
        EmailIdentity,
        MailFromDomain,
        // Until the MX record is there, mail leaves under amazonses.com instead of not at all.
        BehaviorOnMxFailure: 'USE_DEFAULT_VALUE',
      });
      await client.send(command).catch((error: unknown) => {
        throw refusalOf(error);
      });
    },

    async stopForwarding(EmailIdentity) {
      const attributes = { EmailIdentity, EmailForwardingEnabled: false };
      await client.send(new PutEmailIdentityFeedbackAttributesCommand(attributes));
    },

    async restartDkim(EmailIdentity) {
      const command = new PutEmailIdentityDkimSigningAttributesCommand({
        EmailIdentity,
        SigningAttributesOrigin: 'AWS_SES',
        SigningAttributes: EASY_DKIM,
      });
      await client.send(command);
    },

    async delete(EmailIdentity) {
      await absentAsUndefined(client.send(new DeleteEmailIdentityCommand({ EmailIdentity })));
    },
  };
}

async function absentAsUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof NotFoundException) return undefined;
    throw error;
  }
}

/**
 * Turns an error into one of the two answers that no waiting changes, with SES's words; every other error is
 * as it is.
 */
function refusalOf(error: unknown): unknown {
  const isRefusal = error instanceof BadRequestException || error instanceof LimitExceededException;
  return isRefusal ? new IdentityRefusedError(error.message, { cause: error }) : error;
}

const CHECKS: Readonly<Record<string, IdentityCheck>> = {
  PENDING: 'pending',
  SUCCESS: 'success',
  FAILED: 'failed',
  TEMPORARY_FAILURE: 'temporary-failure',
};

const checkOf = (status: string | undefined): IdentityCheck => CHECKS[status ?? ''] ?? 'not-started';

type Answer = Pick<
  GetEmailIdentityResponse,
  'VerifiedForSendingStatus' | 'VerificationStatus' | 'DkimAttributes' | 'MailFromAttributes'
>;

/** Makes an identity. CreateEmailIdentity answers less: a domain's verification is then its DKIM's. */
function toIdentity(answer: Answer): IdentityState {
  const { VerifiedForSendingStatus, VerificationStatus, DkimAttributes: dkim, MailFromAttributes } = answer;
  const domain = MailFromAttributes?.MailFromDomain;
  return {
    isVerifiedForSending: VerifiedForSendingStatus === true,
    verification: checkOf(VerificationStatus ?? dkim?.Status),
    dkim: checkOf(dkim?.Status),
    dkimTokens: easyTokensOf(dkim),
    dkimZone: dkim?.SigningHostedZone ?? 'dkim.amazonses.com',
    ...(domain && { mailFrom: { domain, check: checkOf(MailFromAttributes?.MailFromDomainStatus) } }),
  };
}

/**
 * Tokens of Easy DKIM. With a key of one's own the token is a selector, and its record is known to its owner
 * alone.
 */
const easyTokensOf = (dkim: DkimAttributes | undefined): readonly string[] =>
  dkim?.SigningAttributesOrigin === 'EXTERNAL' ? [] : (dkim?.Tokens ?? []);
