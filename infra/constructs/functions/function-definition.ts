import type { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ValidConfig } from '../../config.ts';
import type { Grant } from '../base/grant.ts';
import type { WorkQueue } from '../base/work-queue.ts';
import type { PipelineParts } from './pipeline-parts.ts';

/** Everything that a deployment needs to know of one function besides its code. */
export interface FunctionDefinition {
  /** Folder under `functions/`; its bundle is the code. */
  readonly name: string;
  readonly memoryMb: number;
  /** The queues that it works derive their visibility time-outs from it. */
  readonly timeout: Duration;
  /** Tells whether a stack of this config has the function. */
  readonly isWanted: (config: ValidConfig) => boolean;
  /** Exactly the variables that its handler parses. */
  readonly environment: (parts: PipelineParts) => Readonly<Record<string, string>>;
  /** Queues that it works: each feeds it, and it may consume them. */
  readonly queues: (parts: PipelineParts) => readonly WorkQueue[];
  /** Permissions besides consuming its queues and writing its log. */
  readonly grants: (parts: PipelineParts) => readonly Grant[];
  /** Has the function started by what is no queue. */
  readonly trigger: (lambda: LambdaFunction, parts: PipelineParts) => void;
}

/** Least memory: at 128 MB Node answers three times slower than at 256 (public cold-start benchmarks). */
const LEAST_MEMORY_MB = 256;

type Optional = 'memoryMb' | 'isWanted' | 'queues' | 'trigger';

/** Defines a function. What is left out: 256 MB, in every stack, no queue and no trigger. */
export const defineFunction = (
  definition: Omit<FunctionDefinition, Optional> & Partial<Pick<FunctionDefinition, Optional>>,
): FunctionDefinition => ({
  memoryMb: LEAST_MEMORY_MB,
  isWanted: () => true,
  queues: () => [],
  trigger: () => {},
  ...definition,
});
