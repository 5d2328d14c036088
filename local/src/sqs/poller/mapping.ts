import type { Assembly, HostedResource } from '../../assembly/assembly.ts';
import { enabledMappings } from '../../lambda/event-source-mapping/enabled-mappings.ts';
import { findFunction } from '../../lambda/invoke-permission.ts';

/** One enabled AWS::Lambda::EventSourceMapping of a queue; defaults are Lambda's. */
export interface SqsMapping {
  readonly logicalId: string;
  readonly target: HostedResource;
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly reportsItemFailures: boolean;
  readonly maximumConcurrency: number;
}

/**
 * The mappings that no other service reads. Throws for a source that is not a queue of the template, with its name: it
 * would silently do nothing.
 */
export function readSqsMappings(
  assembly: Assembly,
  isReadElsewhere: (eventSourceArn: unknown) => boolean,
): readonly SqsMapping[] {
  return enabledMappings(assembly)
    .filter(({ properties }) => !isReadElsewhere(properties.EventSourceArn))
    .map((resource) => readMapping(assembly, resource));
}

function readMapping(assembly: Assembly, { logicalId, properties }: HostedResource): SqsMapping {
  const queueArn = String(properties.EventSourceArn);
  const queue = assembly.byArn(queueArn);
  if (queue?.type !== 'AWS::SQS::Queue')
    throw new Error(`The local cloud does not host the event source ${queueArn} of ${logicalId}`);
  const target = findFunction(assembly, String(properties.FunctionName));
  if (!target) throw new Error(`${logicalId} names no function of the template`);
  if (properties.FilterCriteria !== undefined)
    throw new Error(`The local cloud does not host FilterCriteria of ${logicalId}`);

  const scaling = properties.ScalingConfig as { MaximumConcurrency?: unknown } | undefined;
  const responseTypes = properties.FunctionResponseTypes;
  return {
    ...{ logicalId, target, queueArn },
    queueUrl: queue.physicalId,
    batchSize: Number(properties.BatchSize ?? 10),
    windowMs: Number(properties.MaximumBatchingWindowInSeconds ?? 0) * 1000,
    reportsItemFailures: Array.isArray(responseTypes) && responseTypes.includes('ReportBatchItemFailures'),
    maximumConcurrency: Number(scaling?.MaximumConcurrency ?? Number.POSITIVE_INFINITY),
  };
}
