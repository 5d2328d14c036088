import type { Assembly, HostedResource } from '../../assembly/assembly.ts';
import type { Caller } from '../service-call.ts';
import { checkStatements } from './check-statements.ts';
import { applyingStatements, evaluate, verdictOf } from './evaluate.ts';
import type { NeededPermission } from './needed-permission.ts';
import { resourcePolicies, statementsOfFunction } from './policies.ts';
import { type Context, listOf, type Statement } from './statement.ts';

type Authorisation = { readonly isAllowed: true } | { readonly isAllowed: false; readonly message: string };

/** A permission that was used and granted; tests judge with them which statements are needed. Like calls are kept once. */
interface AuthorisedCall extends NeededPermission {
  readonly functionName: string;
  readonly functionLogicalId: string;
}

export interface Authoriser {
  authorise(caller: Caller, needed: readonly NeededPermission[]): Authorisation;
  authorisedCalls(): readonly AuthorisedCall[];
}

/** Judges every call by the template's policies. Throws at creation on what it cannot judge in them. */
export function createAuthoriser(assembly: Assembly): Authoriser {
  const byFunction = new Map(
    assembly
      .byType('AWS::Lambda::Function')
      .map((lambda) => [lambda.logicalId, readIdentity(assembly, lambda)]),
  );
  const byResource = resourcePolicies(assembly);
  checkStatements([...byFunction.values()].flatMap(({ statements }) => statements));
  checkStatements([...byResource.values()].flat());
  const recorded = new Map<string, AuthorisedCall>();

  const isAllowed = (caller: Caller, needed: NeededPermission): boolean => {
    const protection = byResource.get(protectedArn(needed.resource)) ?? [];
    if (caller.kind === 'service') return serviceMay(caller, protection, needed);
    if (caller.kind === 'operator') return needed.action === 'lambda:InvokeFunction';
    const identity = byFunction.get(caller.functionLogicalId);
    const granting = identity && grantsOf(identity, protection, needed);
    if (granting) record(recorded, caller, identity, granting, needed);
    return granting !== undefined;
  };

  return {
    authorisedCalls: () => [...recorded.values()],
    authorise: (caller, permissions) => {
      const refused = permissions.find((needed) => !isAllowed(caller, needed));
      return refused ? { isAllowed: false, message: refusal(caller, refused) } : { isAllowed: true };
    },
  };
}

interface Identity {
  readonly roleArn: string;
  readonly statements: readonly Statement[];
}

const readIdentity = (assembly: Assembly, { logicalId, properties }: HostedResource): Identity => ({
  roleArn: String(properties.Role),
  statements: statementsOfFunction(assembly, logicalId),
});

/** Calls that the same statements grant are alike for every question of what a policy could do without. */
function record(
  recorded: Map<string, AuthorisedCall>,
  { functionName, functionLogicalId }: Extract<Caller, { kind: 'function' }>,
  { statements }: Identity,
  granting: readonly Statement[],
  needed: NeededPermission,
): void {
  const grants = granting.map((statement) => statements.indexOf(statement)).join();
  const key = `${functionLogicalId} ${needed.action} ${grants}`;
  if (!recorded.has(key)) recorded.set(key, { ...needed, functionName, functionLogicalId });
}

/** A bucket's policy protects its objects too. */
const protectedArn = (resource: string): string =>
  resource.startsWith('arn:aws:s3:::') ? (resource.split('/')[0] ?? resource) : resource;

/** The statements of the role that grant the call, if no statement of the role or the resource denies it. */
function grantsOf(
  { roleArn, statements }: Identity,
  protection: readonly Statement[],
  { action, resource, context }: NeededPermission,
): readonly Statement[] | undefined {
  const full = withTransport(context);
  const granting = applyingStatements(statements, action, resource, full);
  const denials = protection.filter(({ Effect }) => Effect === 'Deny');
  const aimed = denials.filter((statement) => namesPrincipal(statement, roleArn));
  const isGranted = verdictOf(granting) === 'allow';
  return isGranted && evaluate(aimed, action, resource, full) !== 'deny' ? granting : undefined;
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
  const account = /^(arn:[^:]+:iam::\d+):role\//.exec(principal)?.[1];
  return names.some((name) => name === '*' || name === principal || name === `${account}:root`);
}

function refusal(caller: Caller, { action, resource }: NeededPermission): string {
  const who = caller.kind === 'function' ? `The role of ${caller.functionName}` : caller.principal;
  return `User: ${who} is not authorized to perform: ${action} on resource: ${resource} because no policy allows the action`;
}
