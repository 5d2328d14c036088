import { domainToASCII } from 'node:url';
import { textProblem } from './mail-text.ts';

/** One mailbox as RFC 5322 section 3.4 has it, with the domain in its ASCII form. */
interface Address {
  readonly displayName?: string;
  /** Address `local@domain`; the case of the local part is kept. */
  readonly address: string;
  /** Domain in lower case, IDN in punycode. */
  readonly domain: string;
}

type ParsedAddress =
  | ({ readonly kind: 'address' } & Address)
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Limits of RFC 5321 section 4.5.3.1; the total is what fits a path (RFC 3696 erratum 1690), and what is
 * encoded is SES's limit for name and address together.
 */
const LIMITS = { local: 64, domain: 255, total: 254, displayName: 256, encoded: 320 } as const;

const SIMULATOR_DOMAIN = 'simulator.amazonses.com';

/** The contract's test recipients and the mailbox of the SES simulator that does what each of them promises. */
const TEST_RECIPIENTS: Readonly<Record<string, string>> = {
  delivered: 'success',
  bounced: 'bounce',
  complained: 'complaint',
  suppressed: 'suppressionlist',
};

/**
 * Reads `a@b`, `Name <a@b>` and `"Name" <a@b>` in linear time.
 * @returns the mailbox, or the reason why it is none; no address of another form gets further than here
 */
export function parseAddress(text: string): ParsedAddress {
  const problem = hasControlCharacter(text) ? 'contains a control character' : textProblem(text, 'line');
  if (problem !== undefined) return refused(problem);
  const { displayName, addrSpec } = splitDisplayName(text.trim());
  if (displayName === undefined) return refused('has an unreadable display name');
  if (displayName.length > LIMITS.displayName) {
    return refused(`has a display name of more than ${LIMITS.displayName} characters`);
  }
  const mailbox = parseAddrSpec(addrSpec);
  if (mailbox.kind === 'refused' || displayName === '') return mailbox;
  const named = { ...mailbox, displayName };
  if (formatAddress(named).length <= LIMITS.encoded) return named;
  return refused(`is longer than ${LIMITS.encoded} characters once its name is encoded`);
}

/**
 * The key of an address in facts and suppressions: bare, lower-cased whole, label kept, domain in punycode. A text that
 * is no address of ours (SES may report one) keeps its bare part, so that it still equals itself.
 */
export function normaliseAddress(text: string): string {
  const parsed = parseAddress(text);
  if (parsed.kind === 'address') return parsed.address.toLowerCase();
  return splitDisplayName(text.trim()).addrSpec.toLowerCase();
}

/** Domain of an address, lower-cased, in punycode; empty where there is none. */
export function domainOf(text: string): string {
  const normalised = normaliseAddress(text);
  const at = normalised.lastIndexOf('@');
  return at < 0 ? '' : normalised.slice(at + 1);
}

/**
 * Address that SES is given for one that a customer wrote: ASCII only, display name quoted or encoded, and
 * the contract's test recipients (`bounced+label@resend.dev`) as their mailboxes at the SES simulator, label
 * kept.
 */
export function deliveryAddressOf(text: string): string {
  const parsed = parseAddress(text);
  if (parsed.kind === 'refused') return text;
  return formatAddress({ ...parsed, address: simulatorAddressOf(parsed.address) ?? parsed.address });
}

/** A mailbox as it may stand in a header: RFC 5322 quoting, RFC 2047 encoding where the name is not ASCII. */
export function formatAddress({ displayName, address }: Pick<Address, 'displayName' | 'address'>): string {
  if (displayName === undefined) return address;
  return `${isAscii(displayName) ? quote(displayName) : encodeWords(displayName)} <${address}>`;
}

function splitDisplayName(text: string): { displayName: string | undefined; addrSpec: string } {
  const open = text.lastIndexOf('<');
  if (open < 0 || !text.endsWith('>')) return { displayName: '', addrSpec: text };
  const addrSpec = text.slice(open + 1, -1).trim();
  return { displayName: unquote(text.slice(0, open).trim()), addrSpec };
}

/**
 * Unquotes a name; undefined where another reader could see a second address in it, which would not be
 * mailed: `a@x.org, Bob <b@x.org>`.
 */
function unquote(name: string): string | undefined {
  if (!name.startsWith('"')) return /[<>"@]/.test(name) ? undefined : name;
  if (name.length < 2 || !name.endsWith('"')) return undefined;
  const inner = name.slice(1, -1);
  const plain = inner.replaceAll(/\\(.)/g, '');
  return /["\\]/.test(plain) ? undefined : inner.replaceAll(/\\(.)/g, '$1').trim();
}

function parseAddrSpec(addrSpec: string): ParsedAddress {
  const at = addrSpec.lastIndexOf('@');
  if (at < 1) return refused('is not of the form `local@domain`');
  const local = addrSpec.slice(0, at);
  const problem = localProblem(local);
  if (problem !== undefined) return refused(problem);
  const domain = parseDomain(addrSpec.slice(at + 1));
  if (domain === undefined) return refused('has no valid domain');
  if (local.length + 1 + domain.length > LIMITS.total) {
    return refused(`is longer than ${LIMITS.total} characters`);
  }
  return { kind: 'address', address: `${local}@${domain}`, domain };
}

function localProblem(local: string): string | undefined {
  if (!isAscii(local)) return 'has a local part that is not ASCII, which SES cannot deliver to';
  if (local.length > LIMITS.local) return `has a local part of more than ${LIMITS.local} characters`;
  const isDotAtom = local.split('.').every((atom) => /^[\w!#$%&'*+/=?^`{|}~-]+$/.test(atom));
  return isDotAtom ? undefined : 'has an invalid local part';
}

/**
 * Parses a domain: at least two labels of letters, digits and inner hyphens (RFC 1123 section 2.1), the last
 * not all digits.
 */
function parseDomain(text: string): string | undefined {
  if (text.length > LIMITS.domain) return undefined;
  const domain = isAscii(text) ? text.toLowerCase() : domainToASCII(text);
  if (domain === '' || domain.length > LIMITS.domain) return undefined;
  const labels = domain.split('.');
  const areLabels = labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
  return areLabels && labels.length > 1 && !/^\d+$/.test(labels.at(-1) ?? '') ? domain : undefined;
}

function simulatorAddressOf(address: string): string | undefined {
  const [mailbox = '', label] = splitLabel(address.slice(0, address.lastIndexOf('@')).toLowerCase());
  if (!address.endsWith('@resend.dev') || !Object.hasOwn(TEST_RECIPIENTS, mailbox)) return undefined;
  return `${TEST_RECIPIENTS[mailbox]}${label}@${SIMULATOR_DOMAIN}`;
}

function splitLabel(local: string): [mailbox: string, label: string] {
  const plus = local.indexOf('+');
  return plus < 0 ? [local, ''] : [local.slice(0, plus), local.slice(plus)];
}

function quote(name: string): string {
  return `"${name.replaceAll(/["\\]/g, '\\$&')}"`;
}

/**
 * Encodes by RFC 2047 section 2: an encoded word has at most 75 characters, so 45 bytes of UTF-8 in base64,
 * never half a character.
 */
function encodeWords(name: string): string {
  const words: string[] = [''];
  for (const character of name) {
    const longer = `${words.at(-1)}${character}`;
    if (Buffer.byteLength(longer) <= 45) words[words.length - 1] = longer;
    else words.push(character);
  }
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ');
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 127) return true;
  }
  return false;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 126) return false;
  return true;
}

function refused(reason: string): ParsedAddress {
  return { kind: 'refused', reason };
}
