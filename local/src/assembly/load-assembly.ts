import type { Assembly, HostedResource } from './assembly.ts';
import { type CloudAssembly, readCloudAssembly, type TemplateResource } from './cloud-assembly.ts';
import { assertHosted, isWithoutBehaviour } from './hosted-types.ts';
import { attributeOf, type Identifiers, identify, type Place, UNDEFINED } from './identifiers.ts';
import { resolve, type Scope } from './intrinsics.ts';

interface LoadOptions {
  /** Base of queue URLs: the gateway's endpoint. */
  readonly queueUrlBase: string;
  /** Base URL of the HTTP front; without it the API and the function URLs have the addresses of AWS. */
  readonly publicUrl?: string;
  readonly accountId?: string;
  readonly region?: string;
  /** The variable of a function that holds its folder's name; without it functions go by their logical ids. */
  readonly functionNameVariable?: string;
}

/**
 * Reads a synthesised assembly with every intrinsic resolved. Throws, naming type and logical id, for a resource
 * that is not hosted, and for intrinsics or attributes that are not known.
 */
export function loadAssembly(dir: string, options: LoadOptions): Assembly {
  const cloudAssembly = readCloudAssembly(dir);
  const place: Place = {
    accountId: options.accountId ?? '000000000000',
    region: options.region ?? 'us-east-1',
    stackName: cloudAssembly.stackName,
    queueUrlBase: options.queueUrlBase,
    ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
  };
  const scope = createScope(cloudAssembly, place);
  const source = { cloudAssembly, nameVariable: options.functionNameVariable ?? '' };
  const { Resources, Outputs = {} } = cloudAssembly.template;
  for (const [logicalId, resource] of Object.entries(Resources)) assertHostedHere(logicalId, resource);
  const resources = Object.entries(Resources).map(([logicalId, resource]) =>
    hostResource(logicalId, resource, scope, source),
  );
  const outputs = Object.entries(Outputs).map(([name, output]) => {
    assertUnconditional(`the output ${name}`, output);
    return [name, resolve(output.Value, scope)];
  });

  return { ...place, ...indexed(resources), resources, outputs: Object.fromEntries(outputs) };
}

function assertHostedHere(logicalId: string, resource: TemplateResource): void {
  assertHosted(logicalId, resource.Type);
  // The CLI of CDK puts a condition on its metadata.
  if (!isWithoutBehaviour(resource.Type)) assertUnconditional(logicalId, resource);
}

function assertUnconditional(name: string, { Condition }: { readonly Condition?: string }): void {
  if (Condition !== undefined)
    throw new Error(`The local cloud does not host the Condition ${Condition} of ${name}`);
}

/** Place of a function's code, and the variable that names it. */
interface FunctionSource {
  readonly cloudAssembly: CloudAssembly;
  readonly nameVariable: string;
}

function hostResource(
  logicalId: string,
  { Type, Properties }: TemplateResource,
  scope: Scope & { identifiersOf(logicalId: string): Identifiers },
  source: FunctionSource,
): HostedResource {
  const properties = resolve(Properties ?? {}, scope) as Record<string, unknown>;
  const resource = { logicalId, type: Type, properties, ...scope.identifiersOf(logicalId) };
  return Type === 'AWS::Lambda::Function'
    ? { ...resource, ...functionParts(logicalId, properties, source) }
    : resource;
}

function functionParts(
  logicalId: string,
  properties: Readonly<Record<string, unknown>>,
  { cloudAssembly, nameVariable }: FunctionSource,
) {
  const { S3Key } = (properties.Code ?? {}) as { S3Key?: string };
  const { Variables } = (properties.Environment ?? {}) as { Variables?: Record<string, string> };
  const assetPath = S3Key === undefined ? undefined : cloudAssembly.assetFolder(S3Key);
  return {
    functionName: Variables?.[nameVariable] ?? logicalId,
    ...(assetPath !== undefined && { assetPath }),
  };
}

function createScope(cloudAssembly: CloudAssembly, place: Place) {
  const { Resources, Parameters = {} } = cloudAssembly.template;
  const known = new Map<string, Identifiers>();
  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::AccountId': place.accountId,
    'AWS::Region': place.region,
    'AWS::Partition': 'aws',
  };

  const identifiersOf = (logicalId: string): Identifiers => {
    const found = known.get(logicalId);
    if (found) return found;
    const resource = Resources[logicalId];
    if (!resource) return dangling(logicalId, known);
    const properties = namingProperties(resource, scope);
    const identifiers = identify(resource.Type, logicalId, properties, place);
    known.set(logicalId, identifiers);
    return identifiers;
  };
  const scope = {
    identifiersOf,
    ref: (name: string): unknown => {
      if (name in pseudo) return pseudo[name];
      if (name.startsWith('AWS::'))
        throw new Error(`The local cloud does not know the pseudo parameter ${name}`);
      if (name in Parameters) return defaultOf(name, Parameters[name]);
      return identifiersOf(name).physicalId;
    },
    getAtt: (logicalId: string, attribute: string) =>
      attributeOf(Resources[logicalId]?.Type ?? UNDEFINED, attribute, identifiersOf(logicalId), place),
  };
  return scope;
}

function defaultOf(name: string, parameter: { Default?: unknown } | undefined): unknown {
  if (parameter?.Default === undefined)
    throw new Error(`The template's parameter ${name} has no default, and a local start gives none`);
  return parameter.Default;
}

/**
 * CloudFormation refuses a template that refers to nothing. A resource that is taken out of an assembly to see
 * what happens without it is meant to be gone, so here the reference is said and leads nowhere.
 */
function dangling(logicalId: string, known: Map<string, Identifiers>): Identifiers {
  console.error(
    `The template refers to ${logicalId}, which it does not define: CloudFormation would refuse it.`,
  );
  const nowhere = { physicalId: `missing-${logicalId}`, arn: `arn:aws:missing:::${logicalId}` };
  known.set(logicalId, nowhere);
  return nowhere;
}

/** The properties that can name a resource, and no others: those may refer back to it. */
function namingProperties({ Properties = {} }: TemplateResource, scope: Scope): Record<string, unknown> {
  const naming = Object.entries(Properties).filter(([key]) =>
    /Name$|^(EmailIdentity|TargetFunctionArn)$/.test(key),
  );
  return resolve(Object.fromEntries(naming), scope) as Record<string, unknown>;
}

function indexed(resources: readonly HostedResource[]): Pick<Assembly, 'byType' | 'byLogicalId' | 'byArn'> {
  const byId = new Map(resources.map((resource) => [resource.logicalId, resource]));
  const byArn = new Map(resources.map((resource) => [resource.arn, resource]));
  const byType = Map.groupBy(resources, ({ type }) => type);
  return {
    byType: (type) => byType.get(type) ?? [],
    byArn: (arn) => byArn.get(arn),
    byLogicalId: (logicalId) => {
      const resource = byId.get(logicalId);
      if (!resource) throw new Error(`The template has no resource ${logicalId}`);
      return resource;
    },
  };
}
