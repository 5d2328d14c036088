import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  CreateEmailIdentityCommand,
  DeleteEmailIdentityCommand,
  GetEmailIdentityCommand,
  PutEmailIdentityConfigurationSetAttributesCommand,
  PutEmailIdentityDkimSigningAttributesCommand,
  PutEmailIdentityMailFromAttributesCommand,
} from '@aws-sdk/client-sesv2';
import fc from 'fast-check';
import { aSendInput, type SesWorld, startSesWorld } from '../../../../test/support/aws/ses-world.ts';
import { type DnsServer, startDnsServer } from '../../../../test/support/guarded-http/dns-server.ts';
import { judge } from '../../../src/ses/identities/identity.ts';

const from = (address: string) => aSendInput({ FromEmailAddress: address });
const create = (world: SesWorld, EmailIdentity: string) =>
  world.client.send(new CreateEmailIdentityCommand({ EmailIdentity }));
const look = (world: SesWorld, EmailIdentity: string) =>
  world.client.send(new GetEmailIdentityCommand({ EmailIdentity }));
const putMailFrom = (world: SesWorld, EmailIdentity: string, MailFromDomain: string) =>
  world.client.send(new PutEmailIdentityMailFromAttributesCommand({ EmailIdentity, MailFromDomain }));
const DAY_SECONDS = 86_400;

describe('identities of the SES stand-in', () => {
  let world: SesWorld;
  before(async () => {
    world = await startSesWorld();
  });
  after(() => world.close());

  test('identities are pending when made, verified when asked for, and send from then on', async () => {
    const made = await create(world, 'Acme.test');
    assert.deepEqual([made.VerifiedForSendingStatus, made.DkimAttributes?.Status], [false, 'PENDING']);
    await assert.rejects(world.send(from('a@acme.test')), { name: 'MessageRejected' });
    const { VerificationStatus, DkimAttributes } = await look(world, 'acme.test');
    assert.deepEqual([VerificationStatus, DkimAttributes?.Tokens?.length], ['SUCCESS', 3]);
    await world.send(from('a@acme.test'));
  });

  test('identities refuse as SES does', async () => {
    await create(world, 'once.test');
    await assert.rejects(create(world, 'once.test'), { name: 'AlreadyExistsException' });
    await assert.rejects(create(world, 'example.com'), { name: 'AlreadyExistsException' });
    await assert.rejects(create(world, 'no domain'), { name: 'BadRequestException' });
    await assert.rejects(putMailFrom(world, 'once.test', 'send.twice.test'), { name: 'BadRequestException' });
    const gone = new DeleteEmailIdentityCommand({ EmailIdentity: 'once.test' });
    await world.client.send(gone);
    await assert.rejects(world.client.send(gone), { name: 'NotFoundException' });
    await assert.rejects(look(world, 'once.test'), { name: 'NotFoundException' });
    await assert.rejects(putMailFrom(world, 'once.test', 'send.once.test'), { name: 'NotFoundException' });
  });

  test('identities send through the configuration set that they are given', async () => {
    const EmailIdentity = 'example.com';
    const ConfigurationSetName = 'paused';
    await world.client.send(
      new PutEmailIdentityConfigurationSetAttributesCommand({ EmailIdentity, ConfigurationSetName }),
    );
    assert.equal((await look(world, EmailIdentity)).ConfigurationSetName, 'paused');
    const { ConfigurationSetName: _none, ...input } = aSendInput();
    await assert.rejects(world.send(input), { name: 'SendingPausedException' });
  });
});

describe('identities that are checked against DNS', () => {
  let dns: DnsServer;
  let world: SesWorld;
  before(async () => {
    dns = await startDnsServer();
    world = await startSesWorld({ dnsServer: dns.address });
  });
  after(async () => {
    await world.close();
    await dns.close();
  });

  const setKeys = (name: string, tokens: readonly string[] = []) => {
    for (const token of tokens) dns.say(`CNAME ${token}._domainkey.${name}`, [`${token}.dkim.amazonses.com`]);
  };

  test('identities are verified when all selectors are there, and have a MAIL FROM when its MX is', async () => {
    const { DkimAttributes } = await create(world, 'acme.test');
    const tokens = DkimAttributes?.Tokens ?? [];
    await putMailFrom(world, 'acme.test', 'send.acme.test');
    setKeys('acme.test', tokens.slice(1));
    assert.equal((await look(world, 'acme.test')).VerifiedForSendingStatus, false);
    setKeys('acme.test', tokens);
    const half = await look(world, 'acme.test');
    assert.deepEqual(
      [half.VerifiedForSendingStatus, half.MailFromAttributes?.MailFromDomainStatus],
      [true, 'PENDING'],
    );
    dns.say('MX send.acme.test', ['10 feedback-smtp.us-east-1.amazonses.com']);
    const whole = await look(world, 'acme.test');
    assert.equal(whole.MailFromAttributes?.MailFromDomainStatus, 'SUCCESS');
  });

  test('identities stay verified while DNS does not answer, lose it with the records, and get it back by a restart', async () => {
    const name = 'lost.test';
    const tokens = (await create(world, name)).DkimAttributes?.Tokens ?? [];
    setKeys(name, tokens);
    await look(world, name);
    for (const token of tokens) dns.say(`CNAME ${token}._domainkey.${name}`, 'servfail');
    const unsure = await look(world, name);
    assert.deepEqual(
      [unsure.VerificationStatus, unsure.VerifiedForSendingStatus],
      ['TEMPORARY_FAILURE', true],
    );

    for (const token of tokens) dns.forget(`CNAME ${token}._domainkey.${name}`);
    assert.equal((await look(world, name)).VerificationStatus, 'FAILED');
    await assert.rejects(world.send(from(`a@${name}`)), { name: 'MessageRejected' });

    setKeys(name, tokens);
    assert.equal((await look(world, name)).VerificationStatus, 'FAILED');
    const restart = { EmailIdentity: name, SigningAttributesOrigin: 'AWS_SES' } as const;
    await world.client.send(new PutEmailIdentityDkimSigningAttributesCommand(restart));
    assert.equal((await look(world, name)).VerificationStatus, 'SUCCESS');
  });

  test('identities that DNS never confirms are given up after three days', async () => {
    await create(world, 'never.test');
    world.clock.advance(3 * DAY_SECONDS - 1);
    assert.equal((await look(world, 'never.test')).VerificationStatus, 'PENDING');
    world.clock.advance(2);
    assert.equal((await look(world, 'never.test')).VerificationStatus, 'FAILED');
  });
});

test('identities outlive a run in the data folder', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'postlane-identities-'));
  const identitiesFile = join(dir, 'ses-identities.json');
  const first = await startSesWorld({ identitiesFile });
  await create(first, 'kept.test');
  await look(first, 'kept.test');
  await first.close();
  const second = await startSesWorld({ identitiesFile });
  await second.send(from('a@kept.test'));
  await second.close();
  await rm(dir, { recursive: true });
});

test('a check that DNS does not answer never fails', () => {
  const status = fc.constantFrom('PENDING', 'SUCCESS', 'TEMPORARY_FAILURE');
  fc.assert(
    fc.property(status, fc.nat(), (before, now) => {
      assert.notEqual(judge({ status: before, since: 0 }, 'unknown', now).status, 'FAILED');
    }),
  );
});
