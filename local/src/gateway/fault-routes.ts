import { type LocalRoute, localReply } from '../host/local-routes.ts';
import { FaultRuleError, type FaultTable } from './faults.ts';

/** Routes of `/_local/faults`: rules in, rules with their hits out. */
export function faultRoutes(faults: FaultTable): readonly LocalRoute[] {
  const path = '/_local/faults';
  return [
    { method: 'GET', path, handle: () => localReply(200, faults.list()) },
    { method: 'POST', path, handle: ({ body }) => setRules(faults, body) },
    {
      method: 'DELETE',
      path,
      handle: () => {
        faults.clear();
        return localReply(200, []);
      },
    },
  ];
}

function setRules(faults: FaultTable, body: Buffer) {
  try {
    return localReply(200, faults.set(JSON.parse(body.toString('utf8'))));
  } catch (error) {
    const message =
      error instanceof FaultRuleError ? error.message : 'The body must be JSON: an array of rules';
    return localReply(422, { message });
  }
}
