import { BOOTSTRAP_TOKEN_KEY, CATALOG_TABLE } from '../shared/contract/resources.ts';
import type { DynamoDbEmulator } from './emulators/dynamodb.ts';
import type { Assembly, HostedResource } from './ports.ts';

/** Reads the first API key where the deployment left it, past the gateway: it costs nothing and needs no grant. */
export function createTokenReader(assembly: Assembly, dynamodb: Pick<DynamoDbEmulator, 'call'>) {
  const table = assembly.byType('AWS::DynamoDB::Table').find(isCatalog);
  const { collection, item } = BOOTSTRAP_TOKEN_KEY;

  return async (): Promise<string | undefined> => {
    if (!table) return undefined;
    const { Item } = await dynamodb.call<{ Item?: { token?: { S?: string } } }>('GetItem', {
      TableName: table.physicalId,
      Key: { [CATALOG_TABLE.partitionKey]: { S: collection }, [CATALOG_TABLE.sortKey]: { S: item } },
      ConsistentRead: true,
    });
    return Item?.token?.S;
  };
}

function isCatalog({ properties }: HostedResource): boolean {
  const keys = properties.KeySchema as { AttributeName: string }[];
  return keys.some(({ AttributeName }) => AttributeName === CATALOG_TABLE.partitionKey);
}
