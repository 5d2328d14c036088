import type { ApiKeyRecord } from './api-key.ts';

export interface ApiKeys {
  /** Finds a key in a cache up to 50 s old, so that a deleted key is refused within 60 s. */
  find(apiKeyId: string): Promise<ApiKeyRecord | undefined>;
  list(tenant: string): Promise<readonly ApiKeyRecord[]>;
  put(record: ApiKeyRecord): Promise<void>;
  /** Renames a key; false when there is none. */
  rename(tenant: string, apiKeyId: string, name: string): Promise<boolean>;
  delete(tenant: string, apiKeyId: string): Promise<boolean>;
}

export interface SigningKeys {
  /** The secret that API key tokens are signed with, as it is stored (base64); kept in memory once it was read. */
  current(): Promise<string>;
}

export interface SigningKeyMaker {
  /** Keeps the one that is there; answers the one that holds (base64). */
  putIfAbsent(secret: string): Promise<string>;
}

/** The first API key of a deployment: made once, also where the deployment is repeated or the key deleted later. */
export interface BootstrapKeys {
  /** Fixes its id; the answer is the id that holds, and whether everything was written before. */
  begin(apiKeyId: string): Promise<{ readonly apiKeyId: string; readonly isDone: boolean }>;
  putToken(apiKeyId: string, token: string): Promise<void>;
  finish(apiKeyId: string): Promise<void>;
}

export interface BootstrapTokens {
  /** Removes the stored token if it is this key's. */
  forget(apiKeyId: string): Promise<void>;
}
