import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import {
  CreateTenantCommand,
  CreateTenantResourceAssociationCommand,
  DeleteEmailIdentityCommand,
  DeleteTenantCommand,
  DeleteTenantResourceAssociationCommand,
  GetTenantCommand,
  ListTenantResourcesCommand,
  ListTenantsCommand,
  PutTenantSuppressionAttributesCommand,
  UpdateReputationEntityCustomerManagedStatusCommand,
} from '@aws-sdk/client-sesv2';
import {
  anAssembly,
  aResource,
  aSendInput,
  type SesWorld,
  startSesWorld,
  theResources,
} from '../../../../test/support/aws/ses-world.ts';
import { sesRoutes } from '../../../src/ses/routes.ts';

const BASE = 'arn:aws:ses:us-east-1:000000000000';
const IDENTITY = `${BASE}:identity/example.com`;
const SET = `${BASE}:configuration-set/transactional`;
const forTenant = (TenantName: string) => aSendInput({ TenantName });

async function start(t: TestContext, options = {}): Promise<SesWorld> {
  const world = await startSesWorld(options);
  t.after(world.close);
  return world;
}

/** A tenant that may send with the identity and the configuration set; gives its ARN. */
async function aTenant({ client }: SesWorld, TenantName = 'acme'): Promise<string> {
  const { TenantArn = '' } = await client.send(new CreateTenantCommand({ TenantName }));
  for (const ResourceArn of [IDENTITY, SET])
    await client.send(new CreateTenantResourceAssociationCommand({ TenantName, ResourceArn }));
  return TenantArn;
}

const setStatus = async (world: SesWorld, name: string, sendingStatus: unknown) => {
  const route = sesRoutes(world.backend).find(({ path }) => path === '/_local/tenants/{name}');
  const body = Buffer.from(JSON.stringify({ sendingStatus }));
  return (await route?.handle({ params: { name }, rawQuery: '', body }))?.status;
};

describe('tenants', () => {
  test('tenants of SES are made, read, listed and deleted', async (t) => {
    const { client } = await start(t);
    const made = await client.send(new CreateTenantCommand({ TenantName: 'acme' }));
    assert.match(made.TenantId ?? '', /^tn-[0-9a-f]{30}$/);
    assert.equal(made.TenantArn, `${BASE}:tenant/acme/${made.TenantId}`);
    assert.equal(made.SendingStatus, 'ENABLED');
    assert.ok(made.CreatedTimestamp instanceof Date);

    await client.send(new CreateTenantCommand({ TenantName: 'umbrella' }));
    const { Tenant } = await client.send(new GetTenantCommand({ TenantName: 'acme' }));
    assert.equal(Tenant?.TenantArn, made.TenantArn);
    const { Tenants } = await client.send(
      new ListTenantsCommand({ Filter: { TENANT_NAME_CONTAINS: 'umb' } }),
    );
    assert.deepEqual(
      Tenants?.map(({ TenantName }) => TenantName),
      ['umbrella'],
    );
    await client.send(new DeleteTenantCommand({ TenantName: 'acme' }));
    await assert.rejects(client.send(new GetTenantCommand({ TenantName: 'acme' })), {
      name: 'NotFoundException',
    });
  });

  test('a tenant of SES is refused twice, and with a name outside the alphabet', async (t) => {
    const { client } = await start(t);
    await client.send(new CreateTenantCommand({ TenantName: 'acme' }));
    await assert.rejects(client.send(new CreateTenantCommand({ TenantName: 'acme' })), {
      name: 'AlreadyExistsException',
    });
    await assert.rejects(client.send(new CreateTenantCommand({ TenantName: 'a b' })), {
      name: 'BadRequestException',
    });
  });

  test('tenants of SES keep what they may send with, and take nothing that is not there', async (t) => {
    const world = await start(t);
    const { client } = world;
    await aTenant(world);
    const associate = (ResourceArn: string) =>
      client.send(new CreateTenantResourceAssociationCommand({ TenantName: 'acme', ResourceArn }));
    const list = async (Filter = {}) =>
      (await client.send(new ListTenantResourcesCommand({ TenantName: 'acme', Filter }))).TenantResources;
    await associate(IDENTITY);
    assert.deepEqual(await list(), [
      { ResourceType: 'identity', ResourceArn: IDENTITY },
      { ResourceType: 'configuration-set', ResourceArn: SET },
    ]);
    assert.equal((await list({ RESOURCE_TYPE: 'identity' }))?.length, 1);
    await assert.rejects(associate(`${BASE}:identity/other.test`), { name: 'NotFoundException' });
    await assert.rejects(associate(`${BASE}:configuration-set/none`), { name: 'NotFoundException' });
    await assert.rejects(associate('arn:aws:sqs:us-east-1:1:x'), { name: 'BadRequestException' });

    const deletion = () => client.send(new DeleteEmailIdentityCommand({ EmailIdentity: 'example.com' }));
    await assert.rejects(deletion(), { name: 'BadRequestException', message: /tenant associations/ });
    await client.send(
      new DeleteTenantResourceAssociationCommand({ TenantName: 'acme', ResourceArn: IDENTITY }),
    );
    await deletion();
  });

  test('tenants of SES take suppression attributes of their own', async (t) => {
    const { client } = await start(t);
    await client.send(new CreateTenantCommand({ TenantName: 'acme' }));
    const attributes = { SuppressedReasons: ['BOUNCE' as const], SuppressionScope: 'TENANT' as const };
    await client.send(new PutTenantSuppressionAttributesCommand({ TenantName: 'acme', ...attributes }));
    const { Tenant } = await client.send(new GetTenantCommand({ TenantName: 'acme' }));
    assert.deepEqual(Tenant?.SuppressionAttributes, attributes);
  });

  test('tenants of the template are there with the resources that it associates', async (t) => {
    const template = aResource('AWS::SES::Tenant', {
      TenantName: 'acme',
      ResourceAssociations: [{ ResourceArn: IDENTITY }, { ResourceArn: SET }],
    });
    const world = await start(t, { assembly: anAssembly([...theResources(), template]) });
    await world.send(forTenant('acme'));
  });

  test('tenants of SES outlive a run where there is a file for them', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'postlane-tenants-'));
    t.after(() => rmSync(dir, { recursive: true, force: true }));
    const tenantsFile = join(dir, 'tenants.json');
    const arn = await aTenant(await start(t, { tenantsFile }));
    const second = await start(t, { tenantsFile });
    assert.equal(second.backend.tenants.require('acme').arn, arn);
    await second.send(forTenant('acme'));
  });
});

describe('a mail of a tenant', () => {
  test('a mail of a tenant carries the tenant into its events and the sink', async (t) => {
    const world = await start(t);
    await aTenant(world);
    await world.send(forTenant('acme'));
    const [delivery] = await world.waitFor('Delivery');
    const tags = delivery?.mail.tags as Record<string, string[]> | undefined;
    assert.deepEqual(tags?.['ses:tenant-name'], ['acme']);
    assert.equal(world.sink.mails()[0]?.tenant, 'acme');
  });

  test('a mail of a tenant is refused where SES knows no such tenant', async (t) => {
    const world = await start(t);
    await assert.rejects(world.send(forTenant('ghost')), {
      name: 'NotFoundException',
      message: 'Tenant ghost for AwsAccountId 000000000000 not found.',
    });
  });

  test('a mail of a tenant is refused with every resource that is not associated', async (t) => {
    const world = await start(t);
    await world.client.send(new CreateTenantCommand({ TenantName: 'acme' }));
    await assert.rejects(world.send(forTenant('acme')), {
      name: 'AccessDeniedException',
      message: `Tenant not associated with resources [${IDENTITY}, ${SET}].`,
    });
  });

  test('a mail is refused while SES has disabled its tenant, which SES says on the event bus', async (t) => {
    const world = await start(t);
    const arn = await aTenant(world);
    await aTenant(world, 'other');
    assert.equal(await setStatus(world, 'acme', 'DISABLED'), 200);
    await assert.rejects(world.send(forTenant('acme')), { name: 'SendingPausedException' });
    await world.send(forTenant('other'));
    const statuses = () =>
      world.published
        .filter((event) => event['detail-type'].startsWith('Sending Status'))
        .map((event) => [event['detail-type'], event.resources]);
    assert.deepEqual(statuses(), [['Sending Status Disabled', [arn]]]);

    await setStatus(world, 'acme', 'REINSTATED');
    await world.send(forTenant('acme'));
    assert.deepEqual(statuses()[1], ['Sending Status Enabled', [arn]]);
    const { Tenant } = await world.client.send(new GetTenantCommand({ TenantName: 'acme' }));
    assert.equal(Tenant?.SendingStatus, 'REINSTATED');
    assert.equal(await setStatus(world, 'acme', 'OFF'), 400);
    assert.equal(await setStatus(world, 'ghost', 'DISABLED'), 404);
  });

  test('a mail is refused while the account holder has disabled its tenant', async (t) => {
    const world = await start(t);
    const arn = await aTenant(world);
    const update = (SendingStatus: 'ENABLED' | 'DISABLED', ReputationEntityReference = arn) =>
      world.client.send(
        new UpdateReputationEntityCustomerManagedStatusCommand({
          ...{ ReputationEntityType: 'RESOURCE', ReputationEntityReference, SendingStatus },
        }),
      );
    await update('DISABLED');
    await assert.rejects(world.send(forTenant('acme')), { name: 'SendingPausedException' });
    await update('ENABLED');
    await world.send(forTenant('acme'));
    await assert.rejects(update('DISABLED', `${BASE}:tenant/ghost/tn-0`), { name: 'NotFoundException' });
  });
});
