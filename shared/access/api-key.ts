export type Permission = 'full_access' | 'sending_access';

/** Claims of a verified token about its bearer. */
export interface ApiKeyClaims {
  readonly apiKeyId: string;
  readonly tenant: string;
  readonly permission: Permission;
  /** The one domain that may stand in `from`; only with `sending_access`. */
  readonly domain?: string;
  /** Stream for mail that names none. */
  readonly stream?: string;
}

/** Record of a key in the catalog: never the token. */
export interface ApiKeyRecord extends ApiKeyClaims {
  readonly name: string;
  /** Hash of the token, SHA-256, hex. */
  readonly tokenHash: string;
  readonly createdAt: string;
}
