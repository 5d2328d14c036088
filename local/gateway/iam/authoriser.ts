import type { Assembly, Caller } from '../../ports.ts';
import type { NeededPermission } from './actions.ts';
import { assertKnownConditions } from './conditions.ts';
import { evaluate } from './evaluate.ts';
import { resourcePolicies, statementsOfFunction } from './policies.ts';
import { type Context, listOf, type Statement } from './statement.ts';

export type Authorisation =
  | { readonly isAllowed: true }
  | { readonly isAllowed: false; readonly message: string };

/** A permission that was used and granted; tests judge with them which statements are needed. */
export interface AuthorisedCall extends NeededPermission {
  readonly functionName: string;
  readonly functionLogicalId: string;
}

export interface Authoriser {
  authorise(caller: Caller, needed: readonly NeededPermission[]): Authorisation;
  authorisedCalls(): readonly AuthorisedCall[];
}

/** Judges every call by the template's policies. Throws at creation on conditions and managed policies it does not know. */
export function createAuthoriser(assembly: Assembly): Authoriser {
  const byFunction = new Map(
    assembly
      .byType('AWS::Lambda::Function')
      .map(({ logicalId }) => [logicalId, statementsOfFunction(assembly, logicalId)]),
  );
  const byResource = resourcePolicies(assembly);
  assertKnownConditions([...byFunction.values(), ...byResource.values()].flat());
  const recorded = new Map<string, AuthorisedCall>();

  const record = (caller: Caller, needed: NeededPermission) => {
    if (caller.kind !== 'function') return;
    const { functionName, functionLogicalId } = caller;
    const key = `${functionLogicalId} ${needed.action} ${needed.resource} ${JSON.stringify(needed.context)}`;
    if (!recorded.has(key)) recorded.set(key, { ...needed, functionName, functionLogicalId });
  };

  return {
    authorisedCalls: () => [...recorded.values()],
    authorise: (caller, permissions) => {
      for (const needed of permissions) {
        const protection = byResource.get(protectedArn(needed.resource)) ?? [];
        const isAllowed =
          caller.kind === 'function'
            ? functionMay(byFunction.get(caller.functionLogicalId) ?? [], protection, needed)
            : serviceMay(caller, protection, needed);
        if (!isAllowed) return { isAllowed: false, message: refusal(caller, needed) };
        record(caller, needed);
      }
      return { isAllowed: true };
    },
  };
}

/** A bucket's policy protects its objects too. */
const protectedArn = (resource: string): string =>
  resource.startsWith('arn:aws:s3:::') ? (resource.split('/')[0] ?? resource) : resource;

function functionMay(
  identity: readonly Statement[],
  protection: readonly Statement[],
  needed: NeededPermission,
): boolean {
  const { action, resource } = needed;
  const context = withTransport(needed.context);
  const denials = protection.filter(({ Effect }) => Effect === 'Deny');
  return (
    evaluate(identity, action, resource, context) === 'allow' &&
    evaluate(denials, action, resource, context) !== 'deny'
  );
}

function serviceMay(
  { principal, sourceArn }: Extract<Caller, { kind: 'service' }>,
  protection: readonly Statement[],
  { action, resource, context }: NeededPermission,
): boolean {
  const about = protection.filter((statement) => namesPrincipal(statement, principal));
  const account = sourceArn.split(':')[4] ?? '';
  const full = withTransport({ ...context, 'aws:sourcearn': sourceArn, 'aws:sourceaccount': account });
  return evaluate(about, action, resource, full) === 'allow';
}

/** Calls reach AWS over TLS; the loopback hop stands for it. */
const withTransport = (context: Context): Context => ({
  ...context,
  'aws:securetransport': 'true',
  's3:tlsversion': '1.3',
});

function namesPrincipal({ Principal }: Statement, principal: string): boolean {
  if (Principal === '*' || Principal === undefined) return Principal === '*';
  const names = [...listOf<string>(Principal.Service as never), ...listOf<string>(Principal.AWS as never)];
  return names.includes(principal) || names.includes('*');
}

function refusal(caller: Caller, { action, resource }: NeededPermission): string {
  const who = caller.kind === 'function' ? `The role of ${caller.functionName}` : caller.principal;
  return `User: ${who} is not authorized to perform: ${action} on resource: ${resource} because no policy allows the action`;
}
