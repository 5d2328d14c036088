import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createSesIdentities } from '../../../../shared/domains/adapters/ses-identities.ts';
import { type Identities, IdentityRefusedError } from '../../../../shared/domains/ports.ts';
import { type SesWorld, startSesWorld } from '../../../support/aws/ses-world.ts';

let world: SesWorld;
let identities: Identities;

before(async () => {
  world = await startSesWorld();
  const { endpoint, region, credentials } = world.client.config;
  identities = createSesIdentities({ endpoint: await endpoint?.(), region, credentials } as never);
});
after(() => world.close());

describe('an SES identity', () => {
  test('an SES identity is made with three selectors, given a MAIL FROM, verified and deleted', async () => {
    const made = await identities.create('acme.io');
    assert.ok(made.kind === 'created');
    assert.deepEqual([made.identity.isVerifiedForSending, made.identity.dkim], [false, 'pending']);
    assert.equal(made.identity.dkimTokens.length, 3);
    assert.equal(made.identity.mailFrom, undefined);

    await identities.setMailFrom('acme.io', 'send.acme.io');
    await identities.stopForwarding('acme.io');
    assert.deepEqual(await identities.get('acme.io'), {
      ...{ isVerifiedForSending: true, verification: 'success', dkim: 'success' },
      ...{ dkimTokens: made.identity.dkimTokens, dkimZone: 'dkim.amazonses.com' },
      mailFrom: { domain: 'send.acme.io', check: 'success' },
    });

    await identities.restartDkim('acme.io');
    await identities.delete('acme.io');
    await identities.delete('acme.io');
    assert.equal(await identities.get('acme.io'), undefined);
  });

  test('an SES identity that the account has is said to exist', async () => {
    assert.deepEqual(await identities.create('example.com'), { kind: 'exists' });
  });

  test('an SES identity that SES does not take is refused for good, in its words', async () => {
    await assert.rejects(identities.create('not a domain'), (error: unknown) => {
      assert.ok(error instanceof IdentityRefusedError);
      return error.permanent && /Invalid identity/.test(error.message);
    });
    await identities.create('mine.io');
    await assert.rejects(identities.setMailFrom('mine.io', 'send.theirs.io'), IdentityRefusedError);
  });
});
