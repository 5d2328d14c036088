import { Construct } from 'constructs';
import { oneGrant } from '../base/grant.ts';
import { PipelineFunction } from '../base/pipeline-function.ts';
import type { FunctionDefinition } from './function-definition.ts';
import type { PipelineParts } from './pipeline-parts.ts';

interface PipelineFunctionsProps {
  readonly definitions: readonly FunctionDefinition[];
  readonly parts: PipelineParts;
  /** Folder of the bundles. */
  readonly distDir: string;
}

/** Every function that the config asks for, with a role of its own, fed by its queues and started by its trigger. */
export class PipelineFunctions extends Construct {
  constructor(scope: Construct, id: string, { definitions, parts, distDir }: PipelineFunctionsProps) {
    super(scope, id);
    for (const definition of definitions.filter(({ isWanted }) => isWanted(parts.config))) {
      const { name, memoryMb, timeout } = definition;
      const queues = definition.queues(parts);
      const consumes = queues.length === 0 ? [] : [oneGrant(queues.map(({ consumeGrant }) => consumeGrant))];
      const { lambda } = new PipelineFunction(this, name, {
        name,
        distDir,
        memoryMb,
        timeout,
        environment: definition.environment(parts),
        grants: [...consumes, ...definition.grants(parts)],
      });
      for (const queue of queues) queue.feed(lambda);
      definition.trigger(lambda, parts);
    }
  }
}
