import type { ServiceResponse } from '../../gateway/service-call.ts';
import type { IndexShape } from '../index-writes.ts';
import type { Item } from '../item-size.ts';

/** Effect of a call, as far as billing needs to know it. */
export interface DynamoDbOutcome {
  readonly response: ServiceResponse;
  readonly before?: readonly (Item | undefined)[] | undefined;
  readonly after?: readonly (Item | undefined)[] | undefined;
  readonly evaluated?: readonly Item[] | undefined;
  readonly indexesOf?: (tableName: string) => readonly IndexShape[];
}
