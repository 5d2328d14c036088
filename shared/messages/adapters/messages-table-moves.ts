import { UpdateItemCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Table } from '../../base/adapters/dynamodb-client.ts';
import { conditional, conditionHolds } from '../../base/adapters/dynamodb-errors.ts';
import type { ClaimAnswer, Messages } from '../ports.ts';
import { messageKey, toMessage } from './messages-table-codec.ts';
import { messageOf, readRefused, SHOW_REFUSED } from './messages-table-item.ts';
import { claimUpdate, deferUpdate, moveUpdate } from './messages-table-updates.ts';

type MessageMoves = Pick<Messages, 'claim' | 'defer' | 'advance'>;

/** Moves a message's row from one status to the next, each time under a condition. */
export function createMessageMoves(table: Table): MessageMoves {
  return {
    claim: (tenant, messageId, claim) => claimMessage(table, tenant, messageId, claim),

    defer: async (tenant, messageId, until) =>
      conditionHolds(update(table, tenant, messageId, deferUpdate(until))),

    advance: async (tenant, messageId, from, move) =>
      conditionHolds(update(table, tenant, messageId, moveUpdate(from, move))),
  };
}

async function claimMessage(
  table: Table,
  tenant: string,
  messageId: string,
  claim: Parameters<Messages['claim']>[2],
): Promise<ClaimAnswer> {
  const asClaim = { ...claimUpdate(claim), ReturnValues: 'ALL_NEW', ...SHOW_REFUSED } as const;
  const answer = await conditional(update(table, tenant, messageId, asClaim));
  if (answer.kind === 'done') {
    return { kind: 'claimed', message: toMessage(unmarshall(answer.output.Attributes ?? {})) };
  }
  return claimRefusedBy(await readRefused(table, answer, messageKey(tenant, messageId)), claim.claimId);
}

const update = (
  { client, TableName }: Table,
  tenant: string,
  messageId: string,
  change: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>,
) =>
  client.send(new UpdateItemCommand({ TableName, Key: marshall(messageKey(tenant, messageId)), ...change }));

function claimRefusedBy(row: Record<string, unknown> | undefined, claimId: string): ClaimAnswer {
  const message = messageOf(row);
  if (message === undefined) return { kind: 'absent' };
  // Our own claim, repeated by the SDK because its reply was lost.
  return { kind: row?.claimId === claimId ? 'claimed' : 'refused', message };
}
