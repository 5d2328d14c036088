import { conditionsHold } from './conditions.ts';
import { type Context, listOf, matches, type Statement } from './statement.ts';

type Verdict = 'allow' | 'deny' | 'none';

/** IAM's evaluation of one policy set: an explicit Deny wins, then any Allow, else nothing was said. */
export function evaluate(
  statements: readonly Statement[],
  action: string,
  resource: string,
  context: Context = {},
): Verdict {
  return verdictOf(applyingStatements(statements, action, resource, context));
}

/** The statements that speak of the call, its conditions included. */
export const applyingStatements = (
  statements: readonly Statement[],
  action: string,
  resource: string,
  context: Context = {},
): readonly Statement[] => statements.filter((statement) => applies(statement, action, resource, context));

export function verdictOf(applying: readonly Statement[]): Verdict {
  if (applying.some((statement) => statement.Effect === 'Deny')) return 'deny';
  return applying.length > 0 ? 'allow' : 'none';
}

function applies(statement: Statement, action: string, resource: string, context: Context): boolean {
  return (
    covers(statement.Action, statement.NotAction, action, 'i') &&
    covers(statement.Resource, statement.NotResource, resource, '') &&
    conditionsHold(statement.Condition, context)
  );
}

function covers(only: Statement['Action'], not: Statement['Action'], text: string, flags: '' | 'i'): boolean {
  if (only !== undefined)
    return listOf<string>(only as string).some((pattern) => matches(pattern, text, flags));
  return not !== undefined && !listOf<string>(not as string).some((pattern) => matches(pattern, text, flags));
}
