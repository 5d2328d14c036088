export type Permission = 'full_access' | 'sending_access';

/** What a verified token says about its bearer. */
export interface ApiKeyClaims {
  readonly apiKeyId: string;
  readonly tenant: string;
  readonly permission: Permission;
  /** Only with `sending_access`: the one domain that may stand in `from`. */
  readonly domain?: string;
  /** Takes the mail that names no stream. */
  readonly stream?: string;
}

/** What the catalog keeps of a key: never the token. */
export interface ApiKeyRecord extends ApiKeyClaims {
  readonly name: string;
  /** SHA-256 of the token, hex. */
  readonly tokenHash: string;
  readonly createdAt: string;
}
