import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { conditionHolds, IF_ABSENT } from '../../base/adapters/dynamodb-errors.ts';
import { CATALOG_COLLECTIONS } from '../../resources.ts';
import type { SigningKeyMaker, SigningKeys } from '../ports.ts';

/** The secret that API key tokens are signed with (attribute `secret`, base64). */
const SIGNING_KEY_KEY = { collection: CATALOG_COLLECTIONS.signingKey, item: 'current' } as const;

const signingKeyRow = z.object({ secret: z.string().check(z.minLength(1)) });

export interface CatalogOptions {
  readonly client: DynamoDBClient;
  /** The catalog. */
  readonly tableName: string;
}

/** The signing key, read once by each running function; it never changes. */
export function createSigningKeys({ client, tableName }: CatalogOptions): SigningKeys {
  let known: string | undefined;

  return {
    async current() {
      known ??= await readSigningKey(client, tableName);
      if (known === undefined) throw new SigningKeyMissingError();
      return known;
    },
  };
}

export function createSigningKeyMaker({ client, tableName }: CatalogOptions): SigningKeyMaker {
  return {
    async putIfAbsent(secret) {
      const put = new PutItemCommand({
        TableName: tableName,
        Item: marshall({ ...SIGNING_KEY_KEY, secret }),
        ...IF_ABSENT,
      });
      if (await conditionHolds(client.send(put))) return secret;
      const existing = await readSigningKey(client, tableName);
      if (existing === undefined) throw new SigningKeyMissingError();
      return existing;
    },
  };
}

/** The deployment has not made the key yet, or it was removed: no token can be checked. */
class SigningKeyMissingError extends Error {
  override readonly name = 'SigningKeyMissingError';
  readonly permanent = false;

  constructor() {
    super('The catalog holds no signing key.');
  }
}

async function readSigningKey(client: DynamoDBClient, TableName: string): Promise<string | undefined> {
  const Key = marshall(SIGNING_KEY_KEY);
  const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return Item && signingKeyRow.parse(unmarshall(Item)).secret;
}
