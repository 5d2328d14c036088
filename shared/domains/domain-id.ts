import { createHash } from 'node:crypto';

/** The namespace of domain names (RFC 9562 section 6.6). */
const DNS_NAMESPACE = Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex');

/** UUIDv5 of a domain (RFC 9562 section 5.5): domains are configured, not stored, and need ids that stay. */
export function domainIdOf(domain: string): string {
  const bytes = createHash('sha1')
    .update(DNS_NAMESPACE)
    .update(domain.toLowerCase())
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
