import type { ServiceRequest, ServiceResponse } from '../../gateway/service-call.ts';
import type { Clock } from '../../host/clock.ts';
import { jsonResponse, SesError } from '../error.ts';
import type { Identities } from './identities.ts';
import { isVerified, type SesIdentity } from './identity.ts';

type Operation = (request: ServiceRequest) => ServiceResponse | Promise<ServiceResponse>;
type Body = Readonly<Record<string, unknown>>;

const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/i;

/** Identities as SESv2 answers for them. */
export function identityOperations(
  identities: Identities,
  clock: Clock,
): Readonly<Record<string, Operation>> {
  const pending = () => ({ status: 'PENDING', since: clock.now() }) as const;

  return {
    GetEmailIdentity: async (request) =>
      jsonResponse(200, describe(await identities.look(nameIn(request.url)))),

    CreateEmailIdentity: ({ body }) => {
      const { EmailIdentity, ConfigurationSetName } = parse(body);
      const name = readName(EmailIdentity);
      const set = ConfigurationSetName === undefined ? undefined : String(ConfigurationSetName);
      const { IdentityType, VerifiedForSendingStatus, DkimAttributes } = describe(
        identities.create(name, set),
      );
      return jsonResponse(200, { IdentityType, VerifiedForSendingStatus, DkimAttributes });
    },

    DeleteEmailIdentity: ({ url }) => {
      identities.delete(nameIn(url));
      return done();
    },

    PutEmailIdentityMailFromAttributes: ({ url, body }) => {
      const { name } = identities.require(nameIn(url));
      const { MailFromDomain, BehaviorOnMxFailure } = parse(body);
      const domain = readMailFrom(MailFromDomain, name);
      const behaviorOnMxFailure = String(BehaviorOnMxFailure ?? 'USE_DEFAULT_VALUE');
      identities.change(name, { mailFrom: { domain, behaviorOnMxFailure, ...pending() } });
      return done();
    },

    PutEmailIdentityDkimSigningAttributes: ({ url }) => {
      const { dkimTokens } = identities.change(nameIn(url), { dkim: pending() });
      return jsonResponse(200, { DkimStatus: 'PENDING', DkimTokens: dkimTokens });
    },

    PutEmailIdentityFeedbackAttributes: ({ url, body }) => {
      identities.change(nameIn(url), { isForwarding: parse(body).EmailForwardingEnabled === true });
      return done();
    },

    PutEmailIdentityConfigurationSetAttributes: ({ url, body }) => {
      identities.change(nameIn(url), { configurationSet: String(parse(body).ConfigurationSetName ?? '') });
      return done();
    },
  };
}

const done = (): ServiceResponse => jsonResponse(200, {});

function describe(identity: SesIdentity) {
  const { name, dkim, dkimTokens, mailFrom, configurationSet, isForwarding } = identity;
  return {
    IdentityType: name.includes('@') ? 'EMAIL_ADDRESS' : 'DOMAIN',
    FeedbackForwardingStatus: isForwarding,
    VerifiedForSendingStatus: isVerified(identity),
    VerificationStatus: dkim.status,
    DkimAttributes: {
      SigningEnabled: true,
      Status: dkim.status,
      SigningAttributesOrigin: 'AWS_SES',
      SigningHostedZone: 'dkim.amazonses.com',
      CurrentSigningKeyLength: 'RSA_2048_BIT',
      NextSigningKeyLength: 'RSA_2048_BIT',
      Tokens: dkimTokens,
    },
    ...(mailFrom && {
      MailFromAttributes: {
        MailFromDomain: mailFrom.domain,
        MailFromDomainStatus: mailFrom.status,
        BehaviorOnMxFailure: mailFrom.behaviorOnMxFailure,
      },
    }),
    ...(configurationSet && { ConfigurationSetName: configurationSet }),
    Policies: {},
    Tags: [],
  };
}

const nameIn = (url: string): string =>
  decodeURIComponent(/^\/v2\/email\/identities\/([^/?]+)/.exec(url)?.[1] ?? '');

const parse = (body: Buffer): Body => JSON.parse(body.toString('utf8') || '{}') as Body;

function readName(value: unknown): string {
  const name = String(value ?? '');
  if (DOMAIN.test(name.slice(name.lastIndexOf('@') + 1))) return name;
  throw new SesError('BadRequestException', `Invalid identity <${name}>.`);
}

function readMailFrom(value: unknown, name: string): string {
  const domain = String(value ?? '').toLowerCase();
  if (domain.endsWith(`.${name}`) && DOMAIN.test(domain)) return domain;
  throw new SesError(
    'BadRequestException',
    `Provided MAIL-FROM domain <${domain}> is not subdomain of the domain of the identity <${name}>.`,
  );
}
