import type { Assembly, HostedResource } from '../assembly/assembly.ts';

/** Tells whether an AWS::Lambda::Permission lets an AWS service invoke a function for `sourceArn`. */
export function mayInvoke(
  assembly: Assembly,
  target: HostedResource,
  principal: string,
  sourceArn: string,
): boolean {
  return assembly.byType('AWS::Lambda::Permission').some(({ properties }) => {
    if (properties.Action !== 'lambda:InvokeFunction' || properties.Principal !== principal) return false;
    if (!isNameOf(target, String(properties.FunctionName))) return false;
    return properties.SourceArn === undefined || matchesArn(String(properties.SourceArn), sourceArn);
  });
}

/**
 * Tells whether any caller may invoke a function by its URL, which takes two permissions since October 2025
 * (Lambda developer guide, "Control access to Lambda function URLs").
 */
export function mayInvokeByUrl(assembly: Assembly, target: HostedResource): boolean {
  const permissions = assembly
    .byType('AWS::Lambda::Permission')
    .map(({ properties }) => properties)
    .filter((properties) => isNameOf(target, String(properties.FunctionName)) && isForEverybody(properties));
  const isGranted = (action: string) => permissions.some(({ Action }) => Action === action);
  return isGranted('lambda:InvokeFunctionUrl') && isGranted('lambda:InvokeFunction');
}

/** Properties that each become a condition that a stranger's request does not meet. */
const RESTRICTIONS = ['SourceArn', 'SourceAccount', 'PrincipalOrgID', 'EventSourceToken'];

function isForEverybody(properties: HostedResource['properties']): boolean {
  const { Principal, FunctionUrlAuthType = 'NONE', InvokedViaFunctionUrl = true } = properties;
  const isAnonymous = FunctionUrlAuthType === 'NONE' && String(InvokedViaFunctionUrl) === 'true';
  return Principal === '*' && isAnonymous && RESTRICTIONS.every((name) => properties[name] === undefined);
}

/** The function that an ARN or a name of the template means. */
export function findFunction(assembly: Assembly, nameOrArn: string): HostedResource | undefined {
  return assembly.byType('AWS::Lambda::Function').find((resource) => isNameOf(resource, nameOrArn));
}

const isNameOf = ({ physicalId, arn }: HostedResource, nameOrArn: string): boolean =>
  nameOrArn === physicalId || nameOrArn === arn;

/** ArnLike: `*` and `?` within one of the six parts, slashes included. */
function matchesArn(pattern: string, arn: string): boolean {
  const parts = (text: string) => {
    const [head, rest] = [text.split(':').slice(0, 5), text.split(':').slice(5).join(':')];
    return [...head, rest];
  };
  const values = parts(arn);
  return parts(pattern).every((part, index) => toRegExp(part).test(values[index] ?? ''));
}

const toRegExp = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
