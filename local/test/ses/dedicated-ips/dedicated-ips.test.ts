import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import {
  GetAccountCommand,
  GetDedicatedIpPoolCommand,
  GetDedicatedIpsCommand,
  ListDedicatedIpPoolsCommand,
  PutAccountDedicatedIpWarmupAttributesCommand,
  PutDedicatedIpInPoolCommand,
  PutDedicatedIpWarmupAttributesCommand,
} from '@aws-sdk/client-sesv2';
import {
  anAssembly,
  aResource,
  aSendInput,
  type SesWorld,
  startSesWorld,
  theResources,
} from '../../../../test/support/aws/ses-world.ts';
import { eventually } from '../../../../test/support/base/eventually.ts';
import type { HostedResource } from '../../../src/assembly/assembly.ts';
import { createDedicatedIps } from '../../../src/ses/dedicated-ips/dedicated-ips.ts';
import { readSesResources } from '../../../src/ses/resources.ts';
import { sesRoutes } from '../../../src/ses/routes.ts';

const aPool = (name: string, ScalingMode: string): HostedResource => ({
  ...aResource('AWS::SES::DedicatedIpPool', { ScalingMode }),
  physicalId: name,
});
const aSet = (Name: string, SendingPoolName: string) =>
  aResource('AWS::SES::ConfigurationSet', { Name, DeliveryOptions: { SendingPoolName } });

const assembly = anAssembly([
  ...theResources(),
  aPool('own', 'STANDARD'),
  aPool('other', 'STANDARD'),
  aPool('auto', 'MANAGED'),
  aSet('on-own', 'own'),
  aSet('on-auto', 'auto'),
]);

async function start(t: TestContext): Promise<SesWorld> {
  const world = await startSesWorld({ assembly });
  t.after(world.close);
  return world;
}
const on = (ConfigurationSetName: string) => aSendInput({ ConfigurationSetName });

/** Calls a local route as HTTP would. */
async function callRoute(world: SesWorld, method: string, path: string, params = {}, body: unknown = {}) {
  const route = sesRoutes(world.backend).find((each) => each.method === method && each.path === path);
  const answer = await route?.handle({ params, rawQuery: '', body: Buffer.from(JSON.stringify(body)) });
  return { status: answer?.status, value: JSON.parse(answer?.body.toString() ?? '') };
}

describe('dedicated IP pools', () => {
  test('dedicated IP pools are those of the template, with their scaling mode, page by page', async (t) => {
    const { client } = await start(t);
    const first = await client.send(new ListDedicatedIpPoolsCommand({ PageSize: 2 }));
    assert.deepEqual(first.DedicatedIpPools, ['own', 'other']);
    const { NextToken } = first;
    const rest = await client.send(
      new ListDedicatedIpPoolsCommand({ PageSize: 2, ...(NextToken && { NextToken }) }),
    );
    assert.deepEqual([rest.DedicatedIpPools, rest.NextToken], [['auto'], undefined]);
    const pool = await client.send(new GetDedicatedIpPoolCommand({ PoolName: 'auto' }));
    assert.deepEqual(pool.DedicatedIpPool, { PoolName: 'auto', ScalingMode: 'MANAGED' });
    await assert.rejects(client.send(new GetDedicatedIpPoolCommand({ PoolName: 'none' })), {
      name: 'NotFoundException',
    });
  });

  test('a configuration set that names a missing pool stops the start', () => {
    const broken = anAssembly([...theResources(), aSet('news', 'gone')]);
    assert.throws(() => readSesResources(broken), /configuration set news: .* pool gone/);
  });

  test('a managed pool sends without any address', async (t) => {
    const world = await start(t);
    await world.send(on('on-auto'));
    await world.waitFor('Send', 0);
  });

  test('a standard pool refuses mail while it has no address, and sends once it has', async (t) => {
    const world = await start(t);
    await assert.rejects(world.send(on('on-own')), { name: 'MessageRejected', message: /<own> has no/ });
    world.backend.dedicatedIps.lease('own', '192.0.2.10');
    await world.send(on('on-own'));
    world.backend.dedicatedIps.release('192.0.2.10');
    await assert.rejects(world.send(on('on-own')), { name: 'MessageRejected' });
  });
});

describe('dedicated IPs', () => {
  test('dedicated IPs warm up from nothing, move between standard pools and take a percentage', async (t) => {
    const { client, backend } = await start(t);
    const Ip = '192.0.2.10';
    backend.dedicatedIps.lease('own', Ip);
    const read = async (PoolName: string) =>
      (await client.send(new GetDedicatedIpsCommand({ PoolName }))).DedicatedIps;
    assert.deepEqual(await read('own'), [
      { Ip, PoolName: 'own', WarmupStatus: 'IN_PROGRESS', WarmupPercentage: 0 },
    ]);

    await client.send(new PutDedicatedIpInPoolCommand({ Ip, DestinationPoolName: 'other' }));
    await client.send(new PutDedicatedIpWarmupAttributesCommand({ Ip, WarmupPercentage: 100 }));
    assert.deepEqual(await read('own'), []);
    assert.deepEqual(await read('other'), [
      { Ip, PoolName: 'other', WarmupStatus: 'DONE', WarmupPercentage: 100 },
    ]);
    await assert.rejects(client.send(new PutDedicatedIpInPoolCommand({ Ip, DestinationPoolName: 'auto' })), {
      name: 'BadRequestException',
    });
    await assert.rejects(
      client.send(new PutDedicatedIpWarmupAttributesCommand({ Ip: '192.0.2.99', WarmupPercentage: 5 })),
      { name: 'NotFoundException' },
    );
    await assert.rejects(client.send(new GetDedicatedIpsCommand({ PoolName: 'none' })), {
      name: 'NotFoundException',
    });
  });

  test('dedicated IPs come warm where the account switched automatic warm-up off', async (t) => {
    const { client, backend } = await start(t);
    const isAuto = async () => (await client.send(new GetAccountCommand({}))).DedicatedIpAutoWarmupEnabled;
    assert.equal(await isAuto(), true);
    await client.send(new PutAccountDedicatedIpWarmupAttributesCommand({ AutoWarmupEnabled: false }));
    assert.equal(await isAuto(), false);
    assert.equal(backend.dedicatedIps.lease('own', '192.0.2.10').warmupPercentage, 100);
  });

  test('dedicated IPs are leased, listed and given back by the local route', async (t) => {
    const world = await start(t);
    const path = '/_local/dedicated-ips';
    const leased = await callRoute(world, 'POST', path, {}, { pool: 'own', ip: '192.0.2.10' });
    assert.deepEqual(leased.value, { ip: '192.0.2.10', pool: 'own', warmupPercentage: 0 });
    assert.deepEqual((await callRoute(world, 'GET', path)).value, [leased.value]);
    const gone = await callRoute(world, 'DELETE', `${path}/{ip}`, { ip: '192.0.2.10' });
    assert.deepEqual(gone.value, []);

    assert.equal((await callRoute(world, 'POST', path, {}, { pool: 'none', ip: '192.0.2.1' })).status, 404);
    assert.equal((await callRoute(world, 'POST', path, {}, { pool: 'auto', ip: '192.0.2.1' })).status, 400);
    assert.equal((await callRoute(world, 'POST', path, {}, { pool: 'own', ip: 'x' })).status, 400);
    assert.equal((await callRoute(world, 'DELETE', `${path}/{ip}`, { ip: '192.0.2.1' })).status, 404);
  });

  test('dedicated IPs outlive a run where there is a file for them', (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'postlane-ips-'));
    t.after(() => rmSync(dir, { recursive: true, force: true }));
    const open = () => createDedicatedIps([{ name: 'own', scalingMode: 'STANDARD' }], join(dir, 'ips.json'));
    const first = open();
    first.setAutoWarmup(false);
    first.lease('own', '192.0.2.10');
    assert.deepEqual(open().ips('own'), first.ips('own'));
    assert.equal(open().isAutoWarmup(), false);
  });
});

describe('the sink', () => {
  test('the sink says configuration set, pool and tenant of a mail', async (t) => {
    const world = await start(t);
    world.backend.dedicatedIps.lease('own', '192.0.2.10');
    await world.send(on('on-own'));
    await world.waitFor('Delivery', 0);
    await eventually(() => {
      const [mail] = world.sink.mails();
      assert.deepEqual([mail?.configurationSet, mail?.pool, mail?.tenant], ['on-own', 'own', '']);
    });
  });
});
