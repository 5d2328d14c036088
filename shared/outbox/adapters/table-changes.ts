import type { AttributeValue as ModelValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import type { RowImages } from '../../events/stored-change.ts';
import type { AnyEventSource, SourcedChange } from '../event-source.ts';

/** A write to a table, as its stream tells it; undefined where there is nothing to tell. */
type ReadChange = (record: DynamoDBRecord) => SourcedChange | undefined;

/** A reader of records that throws for an item that is not what this version writes. */
export function createChangeReader(sources: readonly AnyEventSource[]): ReadChange {
  const byTable = Map.groupBy(sources, ({ tableName }) => tableName);

  return ({ eventSourceARN = '', dynamodb = {} }) => {
    const { NewImage, OldImage, ApproximateCreationDateTime = 0 } = dynamodb;
    const images = { before: rowOf(OldImage), after: rowOf(NewImage) };
    for (const source of byTable.get(tableNameOf(eventSourceARN)) ?? []) {
      const change = source.read(images);
      if (change !== undefined)
        return { source, change, recordedAtEpochMs: ApproximateCreationDateTime * 1000 };
    }
    return undefined;
  };
}

/** Name of the table in `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>`. */
const tableNameOf = (arn: string): string => arn.split('/')[1] ?? '';

/** Reads an image. Lambda hands binary values over as base64; nothing that is read here is binary. */
const rowOf = (image: { [key: string]: AttributeValue } | undefined): RowImages['after'] =>
  image && unmarshall(image as Record<string, ModelValue>);
