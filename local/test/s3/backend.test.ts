import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { GetObjectCommand, HeadObjectCommand, ListPartsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type GatewayWorld, openGatewayWorld } from '../support/gateway-world.ts';

const DAY = 86_400;
const RESOURCES = {
  Bucket: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      LifecycleConfiguration: { Rules: [{ Status: 'Enabled', Prefix: 'brief/', ExpirationInDays: 2 }] },
    },
  },
};

describe('S3 behind the gateway', () => {
  let world: GatewayWorld;
  let Bucket: string;
  before(async () => {
    world = await openGatewayWorld(RESOURCES);
    Bucket = world.nameOf('Bucket');
  });
  after(() => world.close());

  const put = (Key: string, Body: string | Buffer, more = {}) =>
    world.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const get = async (Key: string) => (await world.s3.send(new GetObjectCommand({ Bucket, Key }))).Body;

  test('an object past its lifecycle rule is gone, and one without a rule stays', async () => {
    await put('brief/a b', 'x');
    await put('kept/a', 'x');
    world.clock.advance(3 * DAY);
    await assert.rejects(get('brief/a b'), { name: 'NoSuchKey' });
    await assert.rejects(world.s3.send(new HeadObjectCommand({ Bucket, Key: 'brief/a b' })), {
      name: 'NotFound',
    });
    assert.equal(await (await get('kept/a'))?.transformToString(), 'x');
  });

  test('an object of 40 MB comes back as it was', async () => {
    const body = Buffer.alloc(40 * 1024 * 1024, 'postlane ');
    await put('kept/large', body, { ContentType: 'image/png', Metadata: { origin: 'test' } });
    const head = await world.s3.send(new HeadObjectCommand({ Bucket, Key: 'kept/large' }));
    assert.deepEqual(
      [head.ContentLength, head.ContentType, head.Metadata],
      [body.length, 'image/png', { origin: 'test' }],
    );
    const returned = await (await get('kept/large'))?.transformToByteArray();
    assert.ok(returned && Buffer.compare(body, returned) === 0);
  });

  test('a link works until the clock has passed it', async () => {
    await put('kept/linked', 'hello');
    const command = new GetObjectCommand({ Bucket, Key: 'kept/linked' });
    const link = await getSignedUrl(world.s3, command, { expiresIn: 60, signingDate: new Date() });
    assert.equal(await (await fetch(link)).text(), 'hello');
    world.clock.advance(61);
    const late = await fetch(link);
    assert.equal(late.status, 403);
    assert.match(await late.text(), /<Code>AccessDenied<\/Code>/);
  });

  test('a call that the local cloud does not know is said to be none of its own', async () => {
    const command = new ListPartsCommand({ Bucket, Key: 'kept/a', UploadId: 'u' });
    await assert.rejects(world.s3.send(command), /does not know this call of s3: GET/);
  });
});
