import type { Assembly, HostedResource } from '../assembly/assembly.ts';
import { findFunction } from './invoke-permission.ts';

/** One AWS::Lambda::Url of the template. */
export interface FunctionUrl {
  readonly target: HostedResource;
  /** True for InvokeMode RESPONSE_STREAM. */
  readonly isStreaming: boolean;
}

/** Reads the function URLs. Throws with the name of what the local cloud does not host. */
export const readFunctionUrls = (assembly: Assembly): readonly FunctionUrl[] =>
  assembly.byType('AWS::Lambda::Url').map((resource) => readFunctionUrl(assembly, resource));

function readFunctionUrl(assembly: Assembly, { logicalId, properties }: HostedResource): FunctionUrl {
  const { AuthType, InvokeMode, TargetFunctionArn } = properties;
  if (AuthType !== 'NONE')
    throw new Error(`The local cloud does not host the AuthType ${String(AuthType)} of ${logicalId}`);
  for (const name of ['Cors', 'Qualifier'])
    if (properties[name] !== undefined)
      throw new Error(`The local cloud does not host ${name} of ${logicalId}`);
  const target = findFunction(assembly, String(TargetFunctionArn));
  if (!target) throw new Error(`${logicalId} names no function of the template`);
  return { target, isStreaming: InvokeMode === 'RESPONSE_STREAM' };
}
