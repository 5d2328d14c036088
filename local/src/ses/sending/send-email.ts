import type { Caller } from '../../gateway/service-call.ts';
import type { Clock } from '../../host/clock.ts';
import { assertCanSend, type DedicatedIps } from '../dedicated-ips/dedicated-ips.ts';
import { SesError } from '../error.ts';
import { toEventMail } from '../events/event-mail.ts';
import type { Identities } from '../identities/identities.ts';
import type { SesIdentity } from '../identities/identity.ts';
import type { SesIds } from '../ids.ts';
import type { ConfigurationSet, SesResources } from '../resources.ts';
import { assertTenantMaySend, type Tenants } from '../tenants/tenants.ts';
import { trackContent } from '../tracking/content.ts';
import { trackingUrls } from '../tracking/tracker.ts';
import type { AcceptedMail } from './accepted-mail.ts';
import { decodeAttachments } from './check-attachments.ts';
import { checkContent, checkTags } from './check-content.ts';
import { findAddressFault, type Mailbox, parseMailbox } from './mailbox.ts';
import { composeMime } from './mime.ts';
import type { SendQuota } from './quota.ts';
import type { SendEmailRequest } from './request.ts';

interface SendEmailDeps {
  readonly resources: SesResources;
  readonly identities: Pick<Identities, 'findSendingIdentity'>;
  readonly dedicatedIps: DedicatedIps;
  readonly tenants: Pick<Tenants, 'find'>;
  readonly clock: Clock;
  readonly ids: SesIds;
  readonly quota: SendQuota;
  /** Base URL of the local cloud, where tracked links lead to. */
  readonly baseUrl: string;
}

const MAX_RECIPIENTS = 50;
const MAX_MESSAGE_BYTES = 40 * 1024 * 1024;

/** Accepts a mail or throws the `SesError` that SES would answer with. Nothing of the request is repaired. */
export async function acceptMail(
  deps: SendEmailDeps,
  request: SendEmailRequest,
  caller: Caller,
): Promise<AcceptedMail> {
  const addresses = checkAddresses(request);
  checkContent(request.Content.Simple);
  checkTags(request.EmailTags ?? []);
  const attachments = decodeAttachments(request.Content.Simple.Attachments ?? []);
  const identity = requireIdentity(deps, [addresses.from, ...addresses.feedback]);
  const configurationSet = requireConfigurationSet(deps.resources, request, identity);
  if (request.TenantName) {
    const used = configurationSet ? [identity.arn, configurationSet.arn] : [identity.arn];
    assertTenantMaySend(deps.tenants, deps.resources.accountId, request.TenantName, used);
  }
  assertCanSend(deps.dedicatedIps, configurationSet?.pool ?? '');

  const sesMessageId = deps.ids.next();
  const acceptedAt = deps.clock.now();
  const { region, accountId } = deps.resources;
  const { from, to, cc, replyTo } = addresses;
  const urls = trackingUrls(deps.baseUrl, sesMessageId);
  const { simple, marks } = await trackContent(request, configurationSet, urls);
  const mime = await composeMime({
    ...{ sesMessageId, region, date: new Date(acceptedAt), from, to, cc, replyTo },
    ...{ simple, attachments },
  });
  if (mime.length > MAX_MESSAGE_BYTES)
    throw new SesError(
      'BadRequestException',
      `Message length is more than ${MAX_MESSAGE_BYTES} bytes long: '${mime.length}'.`,
    );
  const recipients = listRecipients(addresses);
  deps.quota.spend(to.length + cc.length + addresses.bcc.length);

  const configurationSetName = configurationSet?.name;
  const callerIdentity = caller.kind === 'function' ? caller.functionName : caller.principal;
  return {
    ...{ sesMessageId, acceptedAt, recipients, configurationSet, mime, marks },
    source: from.text,
    tenant: request.TenantName ?? '',
    sourceArn: identity.arn,
    mailFrom: `${sesMessageId}@${identity.mailFrom?.domain ?? defaultMailFromDomain(region)}`,
    eventMail: toEventMail({
      ...{ request, sesMessageId, acceptedAt, accountId, identity, configurationSetName, callerIdentity },
      ...{ from, recipients },
    }),
  };
}

interface Addresses {
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly bcc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  /** The feedback forwarding address, which must be verified like the sender. */
  readonly feedback: readonly Mailbox[];
}

/** SES looks at every address before anything else it checks. */
function checkAddresses(request: SendEmailRequest): Addresses {
  const { ToAddresses, CcAddresses, BccAddresses } = request.Destination ?? {};
  const parse = (list: readonly string[] | null | undefined) => (list ?? []).map(parseMailbox);
  const feedback = request.FeedbackForwardingEmailAddress;
  const addresses = {
    from: parseMailbox(request.FromEmailAddress),
    to: parse(ToAddresses),
    cc: parse(CcAddresses),
    bcc: parse(BccAddresses),
    replyTo: parse(request.ReplyToAddresses),
    feedback: parse(feedback ? [feedback] : []),
  };

  for (const mailbox of Object.values(addresses).flat()) {
    const fault = findAddressFault(mailbox);
    if (fault) throw new SesError('BadRequestException', fault);
  }
  const count = addresses.to.length + addresses.cc.length + addresses.bcc.length;
  if (count === 0) throw new SesError('BadRequestException', 'At least one destination address is required.');
  if (count > MAX_RECIPIENTS)
    throw new SesError('BadRequestException', `Recipient count exceeds ${MAX_RECIPIENTS}.`);
  return addresses;
}

const listRecipients = ({ to, cc, bcc }: Addresses): readonly string[] => [
  ...new Set([...to, ...cc, ...bcc].map(({ address }) => address)),
];

function requireIdentity(
  { resources, identities }: Pick<SendEmailDeps, 'resources' | 'identities'>,
  senders: readonly Mailbox[],
): SesIdentity {
  const unverified = senders.filter(({ address }) => !identities.findSendingIdentity(address));
  const identity = identities.findSendingIdentity(senders[0]?.address ?? '');
  if (identity && unverified.length === 0) return identity;

  const names = unverified.map(({ text }) => text).join(', ');
  throw new SesError(
    'MessageRejected',
    `Email address is not verified. The following identities failed the check in region ${resources.region.toUpperCase()}: ${names}`,
  );
}

function requireConfigurationSet(
  resources: SesResources,
  { ConfigurationSetName }: SendEmailRequest,
  identity: SesIdentity,
): ConfigurationSet | undefined {
  const name = ConfigurationSetName ?? identity.configurationSet;
  if (!name) return undefined;
  const set = resources.findConfigurationSet(name);
  if (!set) throw new SesError('NotFoundException', `Configuration set <${name}> does not exist.`);
  if (!set.sendingEnabled)
    throw new SesError('SendingPausedException', `Sending is paused for configuration set <${name}>.`);
  return set;
}

const defaultMailFromDomain = (region: string) =>
  region === 'us-east-1' ? 'amazonses.com' : `${region}.amazonses.com`;
