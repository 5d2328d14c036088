import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anAcceptWorld } from '../../../support/submission/accept-world.ts';

const aMail = (from: string) => ({ from, to: 'b@example.org', subject: 'Hello', text: 'Hello' });

/** Remembers who asked for what; verified for one tenant alone. */
function rememberedDomains() {
  const asked: string[] = [];
  return {
    asked,
    find: async (tenant: string, name: string) => {
      asked.push(`${tenant} ${name}`);
      return tenant === 'acme' && name === 'xn--bcher-kva.example' ? { name } : undefined;
    },
  };
}

describe('the domain of a mail', () => {
  test('a mail goes from a domain that its tenant may send from, written in any form', async () => {
    const sendingDomains = rememberedDomains();
    const world = anAcceptWorld({ sendingDomains, claims: { tenant: 'acme' } });
    const answer = await world.post(aMail('Shop <a@Bücher.example>'));
    assert.equal(answer.status, 200);
    assert.deepEqual(sendingDomains.asked, ['acme xn--bcher-kva.example']);
  });

  test('a mail is refused where its domain is verified for another tenant', async () => {
    const world = anAcceptWorld({ sendingDomains: rememberedDomains(), claims: { tenant: 'other' } });
    const answer = await world.post(aMail('a@bücher.example'));
    assert.equal(answer.status, 403);
    assert.ok(world.isEmpty());
  });

  test('a key is held to the domain that it is bound to', async () => {
    const sendingDomains = { find: async (_tenant: string, name: string) => ({ name }) };
    const world = anAcceptWorld({
      sendingDomains,
      claims: { domain: 'one.test', permission: 'sending_access' },
    });
    assert.equal((await world.post(aMail('a@one.test'))).status, 200);
    assert.equal((await world.post(aMail('a@two.test'))).status, 403);
  });

  test('a domain that cannot be looked up is a 503 with nothing stored, also in a permissive batch', async () => {
    const find = async () => {
      throw new Error('the catalog is down');
    };
    const world = anAcceptWorld({ sendingDomains: { find } });
    assert.equal((await world.post(aMail('a@one.test'))).status, 503);
    const batch = await world.postBatch([aMail('a@one.test')], { 'x-batch-validation': 'permissive' });
    assert.equal(batch.status, 503);
    assert.ok(world.isEmpty());
  });
});
