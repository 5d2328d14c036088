import type { HostedResource } from '../assembly/assembly.ts';
import { asRecord } from '../host/json.ts';

/** Facts that the host needs of one AWS::Lambda::Function. */
export interface FunctionSpec {
  readonly logicalId: string;
  /** The folder's name, if there is one: usage rows and the terminal show it. */
  readonly label: string;
  /** The physical name. */
  readonly name: string;
  readonly arn: string;
  readonly runtime: string;
  readonly handler: string;
  readonly assetPath: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** Number of instances that may run at once; absent where the template says nothing. */
  readonly reservedConcurrency?: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logging: LoggingSpec;
}

export interface LoggingSpec {
  readonly format: 'Text' | 'JSON';
  readonly applicationLevel: string;
  readonly systemLevel: string;
}

/** Reads a function resource; defaults are CloudFormation's. Throws where the code is not a folder of this machine. */
export function readFunctionSpec(resource: HostedResource): FunctionSpec {
  const { properties, logicalId, physicalId, assetPath, arn } = resource;
  if (assetPath === undefined || arn === undefined)
    throw new Error(`The local cloud cannot run the function ${logicalId}: its code is not an asset`);

  return {
    ...{ logicalId, assetPath, arn },
    label: resource.functionName ?? logicalId,
    name: physicalId,
    runtime: String(properties.Runtime),
    handler: String(properties.Handler),
    memoryMb: Number(properties.MemorySize ?? 128),
    timeoutMs: Number(properties.Timeout ?? 3) * 1000,
    ...(properties.ReservedConcurrentExecutions !== undefined && {
      reservedConcurrency: Number(properties.ReservedConcurrentExecutions),
    }),
    environment: readVariables(properties.Environment),
    logging: readLogging(properties.LoggingConfig),
  };
}

function readVariables(environment: unknown): Record<string, string> {
  const variables = Object.entries(asRecord(asRecord(environment).Variables));
  return Object.fromEntries(variables.map(([name, value]) => [name, String(value)]));
}

function readLogging(config: unknown): LoggingSpec {
  const { LogFormat, ApplicationLogLevel, SystemLogLevel } = asRecord(config);
  return {
    format: LogFormat === 'JSON' ? 'JSON' : 'Text',
    applicationLevel: String(ApplicationLogLevel ?? 'INFO'),
    systemLevel: String(SystemLogLevel ?? 'INFO'),
  };
}
