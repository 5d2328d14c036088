import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createFaults } from '../../src/gateway/faults.ts';
import { createMeter } from '../../src/gateway/metering/meter.ts';
import { createClock, installClock } from '../../src/host/clock.ts';
import { openGateway } from './open-gateway.ts';
import { aFunction, aRole, writeAssembly } from './small-assembly.ts';

type Resources = Parameters<typeof writeAssembly>[0];

/** A role that may do everything, for tests of what is behind the authorisation. */
export const EVERYTHING = { Effect: 'Allow', Action: '*', Resource: '*' };

export const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

/** A gateway over the given resources with one function, its clients, and a clock that this process follows. */
export async function openGatewayWorld(resources: Resources, statements: readonly unknown[] = [EVERYTHING]) {
  const clock = createClock();
  installClock(clock.offsetCell);
  const [meter, faults] = [createMeter(clock), createFaults()];
  const all = {
    Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
    ...resources,
    Function: aFunction('Role'),
    Role: aRole(...statements),
  };
  const open = await openGateway({ assemblyDir: writeAssembly(all), clock, meter, faults });
  const config = {
    endpoint: open.gateway.endpoint,
    region: 'us-east-1',
    credentials: open.gateway.issueCredentials('Function', 'worker-1'),
  };
  const clients = {
    dynamodb: new DynamoDBClient(config),
    sqs: new SQSClient(config),
    s3: new S3Client(config),
  };
  return {
    ...{ clock, meter, faults, ...clients },
    gateway: open.gateway,
    fauxqs: open.fauxqs,
    queues: open.queues,
    nameOf: (logicalId: string) => open.assembly.byLogicalId(logicalId).physicalId,
    arnOf: (logicalId: string) => open.assembly.byLogicalId(logicalId).arn ?? '',
    close: async () => {
      for (const client of Object.values(clients)) client.destroy();
      await open.close();
    },
  };
}

export type GatewayWorld = Awaited<ReturnType<typeof openGatewayWorld>>;
