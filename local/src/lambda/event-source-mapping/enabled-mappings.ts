import type { Assembly, HostedResource } from '../../assembly/assembly.ts';

export const enabledMappings = (assembly: Assembly): readonly HostedResource[] =>
  assembly
    .byType('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => String(properties.Enabled ?? true) !== 'false');
