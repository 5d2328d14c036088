import { decodeWords } from 'postal-mime';

/** One address as SES reads it: `"Name" <local@domain>` or `local@domain`. */
export interface Mailbox {
  /** The address as given to SES. */
  readonly text: string;
  /** Display name, decoded; empty where there is none. */
  readonly name: string;
  readonly address: string;
  readonly domain: string;
}

const MAX_LENGTH = 320;
const ENCODED_WORDS = /^(?:=\?[^?]+\?[bq]\?[^?]*\?=\s*)+$/i;
const CONTROL_WHITESPACE_OR_8BIT = /[^\x21-\x7e]/;
const DOMAIN_SPECIALS = /[()<>,;:\\"[\]@]/;
const QUOTED_LOCAL = /^"(?:[^"\\\r\n]|\\.)*"$/;

/** Splits an address without judging it; `findAddressFault` judges. */
export function parseMailbox(text: string): Mailbox {
  const trimmed = text.trim();
  const open = trimmed.endsWith('>') ? trimmed.lastIndexOf('<') : -1;
  const address = (open < 0 ? trimmed : trimmed.slice(open + 1, -1)).trim();
  const name = open < 0 ? '' : unquote(trimmed.slice(0, open).trim());

  return {
    text,
    name: ENCODED_WORDS.test(name) ? decodeWords(name) : name,
    address,
    domain: address.slice(address.lastIndexOf('@') + 1).toLowerCase(),
  };
}

/**
 * SES's complaint about an address, or undefined where it has none. SES answers in the words of JavaMail's strict
 * address check, and counts every non-ASCII character as control or whitespace (no SMTPUTF8).
 */
export function findAddressFault(mailbox: Mailbox): string | undefined {
  const { address, text } = mailbox;
  if (text.length > MAX_LENGTH)
    return `Address length is more than ${MAX_LENGTH} characters long: '${text}'.`;
  if (/[\r\n]/.test(text)) return `Invalid email address ${text}.`;

  const at = address.startsWith('"') ? address.lastIndexOf('@') : address.indexOf('@');
  if (at < 0)
    return CONTROL_WHITESPACE_OR_8BIT.test(address)
      ? 'Local address contains control or whitespace'
      : "Missing final '@domain'";
  return findLocalPartFault(address.slice(0, at)) ?? findDomainFault(address.slice(at + 1));
}

function findLocalPartFault(local: string): string | undefined {
  if (local === '') return 'Missing local name';
  if (QUOTED_LOCAL.test(local)) return undefined;
  if (CONTROL_WHITESPACE_OR_8BIT.test(local)) return 'Local address contains control or whitespace';
  if (DOMAIN_SPECIALS.test(local)) return 'Local address contains illegal character';
  if (local.startsWith('.')) return 'Local address starts with dot';
  if (local.endsWith('.')) return 'Local address ends with dot';
  return local.includes('..') ? 'Local address contains dot-dot' : undefined;
}

function findDomainFault(domain: string): string | undefined {
  if (domain === '') return 'Missing domain';
  if (CONTROL_WHITESPACE_OR_8BIT.test(domain)) return 'Domain contains control or whitespace';
  if (DOMAIN_SPECIALS.test(domain)) return 'Domain contains illegal character';
  if (domain.startsWith('.')) return 'Domain starts with dot';
  if (domain.endsWith('.')) return 'Domain ends with dot';
  return domain.includes('..') ? 'Domain contains dot-dot' : undefined;
}

const unquote = (name: string) => (/^".*"$/s.test(name) ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name);
