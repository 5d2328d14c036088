import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loadAssembly } from '../../src/assembly/load-assembly.ts';
import { openFauxqs } from '../../src/emulators/fauxqs.ts';
import { createClock } from '../../src/host/clock.ts';
import { createS3Service } from '../../src/s3/service.ts';
import { openQueues } from '../../src/sqs/emulator.ts';
import { writeAssembly } from '../support/small-assembly.ts';

const assemblyWith = (queue: object = {}) =>
  loadAssembly(
    writeAssembly({
      Queue: { Type: 'AWS::SQS::Queue', Properties: { ...queue } },
      Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
    }),
    { queueUrlBase: 'http://127.0.0.1:9' },
  );
const QueueUrl = 'http://127.0.0.1:9/000000000000/Small-Queue';

describe('a data folder of queues and buckets', () => {
  let dataDir: string;
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'postlane-data-'));
  });
  after(() => rm(dataDir, { recursive: true, force: true }));

  const open = async (queue: object = {}) => {
    const fauxqs = await openFauxqs(dataDir);
    const assembly = assemblyWith(queue);
    const { hop } = await openQueues(assembly, fauxqs);
    createS3Service({ assembly, clock: createClock(), emulator: fauxqs });
    const sqs = async (operation: string, input: object = {}) => {
      const headers = {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${operation}`,
      };
      const body = Buffer.from(JSON.stringify({ QueueUrl, ...input }));
      const answer = await hop.send({ method: 'POST', path: '/', headers, body });
      return JSON.parse(answer.body.toString());
    };
    return { hop: fauxqs.hop, sqs, close: fauxqs.close };
  };

  test('a data folder keeps messages and objects over a restart, and takes a changed template', async () => {
    const first = await open();
    await first.sqs('SendMessage', { MessageBody: 'kept' });
    const path = '/small-bucket/a';
    await first.hop.send({ method: 'PUT', path, headers: {}, body: Buffer.from('object') });
    await first.close();

    const second = await open({ VisibilityTimeout: 77 });
    const { Attributes } = await second.sqs('GetQueueAttributes', { AttributeNames: ['VisibilityTimeout'] });
    assert.equal(Attributes.VisibilityTimeout, '77');
    assert.equal((await second.sqs('ReceiveMessage')).Messages[0].Body, 'kept');
    const object = await second.hop.send({ method: 'GET', path, headers: {}, body: Buffer.alloc(0) });
    assert.equal(object.body.toString(), 'object');
    await second.close();
  });
});
