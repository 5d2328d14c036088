import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import {
  aSendInput,
  part,
  type SesDetail,
  type SmtpScript,
  startScriptedSmtp,
  startSesWorld,
  until,
} from '../../../../test/support/aws/ses-world.ts';

async function against(t: TestContext, script: SmtpScript) {
  const smtp = await startScriptedSmtp(script);
  const world = await startSesWorld({ smtpPort: smtp.port });
  t.after(async () => {
    await world.close();
    await smtp.close();
  });
  return { ...world, smtp };
}

const to = (...ToAddresses: string[]) => aSendInput({ Destination: { ToAddresses } });
const bounceOf = (detail: SesDetail | undefined) => part(detail, 'bounce');
const recipientsOf = (bounce: Record<string, unknown>) =>
  bounce.bouncedRecipients as { emailAddress: string; status: string; diagnosticCode: string }[];

describe('delivery', () => {
  test('sends one transaction per recipient domain, from a bounce address of the MAIL FROM domain', async (t) => {
    const { smtp, send, waitFor } = await against(t, {});
    const id = await send(
      aSendInput({
        Destination: { ToAddresses: ['a@one.test', 'b@two.test'], BccAddresses: ['c@ONE.test'] },
      }),
    );
    await waitFor('Delivery', 2);
    assert.deepEqual(smtp.seen.map((mail) => mail.to).sort(), [['a@one.test', 'c@ONE.test'], ['b@two.test']]);
    assert.deepEqual(new Set(smtp.seen.map((mail) => mail.from)), new Set([`${id}@mail.example.com`]));
  });

  test('turns one refused RCPT into a permanent bounce and delivers to the others', async (t) => {
    const { send, waitFor } = await against(t, {
      rcpt: (address) => (address.startsWith('gone') ? '550 5.1.1 user unknown' : undefined),
    });
    await send(to('gone@one.test', 'here@one.test'));
    const [delivery] = await waitFor('Delivery');
    const bounce = bounceOf((await waitFor('Bounce'))[0]);

    assert.deepEqual(part(delivery, 'delivery').recipients, ['here@one.test']);
    assert.equal(bounce.bounceType, 'Permanent');
    assert.equal(bounce.bounceSubType, 'General');
    assert.deepEqual(recipientsOf(bounce), [
      {
        emailAddress: 'gone@one.test',
        action: 'failed',
        status: '5.1.1',
        diagnosticCode: 'smtp; 550 5.1.1 user unknown',
      },
    ]);
  });

  test('turns a 5xx reply to DATA into a bounce of every recipient', async (t) => {
    const { send, waitFor } = await against(t, { data: () => '554 5.7.1 spam' });
    await send(to('a@one.test', 'b@one.test'));
    const bounce = bounceOf((await waitFor('Bounce'))[0]);
    assert.deepEqual(
      recipientsOf(bounce).map(({ emailAddress, diagnosticCode }) => [emailAddress, diagnosticCode]),
      [
        ['a@one.test', 'smtp; 554 5.7.1 spam'],
        ['b@one.test', 'smtp; 554 5.7.1 spam'],
      ],
    );
  });

  test('calls a full mailbox transient even as a 5xx', async (t) => {
    const { send, waitFor } = await against(t, { rcpt: () => '552 5.2.2 over quota' });
    await send();
    const { bounceType, bounceSubType } = bounceOf((await waitFor('Bounce'))[0]);
    assert.deepEqual(
      { bounceType, bounceSubType },
      { bounceType: 'Transient', bounceSubType: 'MailboxFull' },
    );
  });

  test('reports a 4xx reply as a delay and tries again after 2 s, then 4 s', async (t) => {
    const { send, waitFor, clock, details } = await against(t, {
      rcpt: (_, attempt) => (attempt < 3 ? '451 4.3.2 try later' : undefined),
    });
    await send();
    const [delay] = await waitFor('DeliveryDelay');
    const { delayType, delayedRecipients } = part(delay, 'deliveryDelay');
    assert.equal(delayType, 'RecipientServerError');
    assert.deepEqual(delayedRecipients, [
      { emailAddress: 'ada@example.net', status: '4.3.2', diagnosticCode: 'smtp; 451 4.3.2 try later' },
    ]);

    clock.advance(2);
    await waitFor('DeliveryDelay', 2);
    clock.advance(3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(details('Delivery').length, 0);
    clock.advance(1);
    await waitFor('Delivery');
  });

  test('tries only the deferred recipients again', async (t) => {
    const { send, waitFor, clock, smtp } = await against(t, {
      rcpt: (address, attempt) =>
        address.startsWith('slow') && attempt === 1 ? '450 4.2.0 later' : undefined,
    });
    await send(to('fast@one.test', 'slow@one.test'));
    await waitFor('DeliveryDelay');
    clock.advance(2);
    await waitFor('Delivery', 2);
    assert.deepEqual(
      smtp.seen.map((mail) => mail.to),
      [['fast@one.test'], ['slow@one.test']],
    );
  });

  test('gives up after 10 minutes with a transient bounce', async (t) => {
    const { send, waitFor, clock } = await against(t, { data: () => '421 4.7.0 no' });
    await send();
    await waitFor('DeliveryDelay');
    clock.advance(601);
    const bounce = bounceOf((await waitFor('Bounce'))[0]);
    assert.equal(bounce.bounceType, 'Transient');
    assert.equal(bounce.bounceSubType, 'General');
    assert.equal(recipientsOf(bounce)[0]?.status, '4.4.7');
  });

  test('counts a server that cannot be reached as a delay', async (t) => {
    const closed = createServer();
    const port = await new Promise<number>((resolve) =>
      closed.listen(0, '127.0.0.1', () => resolve((closed.address() as { port: number }).port)),
    );
    await new Promise<void>((resolve) => closed.close(() => resolve()));
    const world = await startSesWorld({ smtpPort: port });
    t.after(world.close);
    await world.send();
    const [delay] = await world.waitFor('DeliveryDelay');
    assert.equal(part(delay, 'deliveryDelay').delayType, 'TransientCommunicationFailure');
  });

  test('delivers 300 mails, each once', async (t) => {
    const world = await startSesWorld();
    t.after(world.close);
    await Promise.all(Array.from({ length: 300 }, (_, i) => world.send(to(`u${i}@example.net`))));
    await world.waitFor('Delivery', 300);
    const seen = world.sink.mails().map(({ envelope }) => envelope.to[0]);
    assert.equal(new Set(seen).size, 300);
    assert.equal(seen.length, 300);
  });
});

describe('the mailbox simulator', () => {
  const CASES = [
    ['success+a@simulator.amazonses.com', ['Send', 'Delivery'], 1],
    ['bounce+a@simulator.amazonses.com', ['Send', 'Bounce'], 0],
    ['complaint@simulator.amazonses.com', ['Send', 'Delivery', 'Complaint'], 0],
    ['OOTO+x@simulator.amazonses.com', ['Send', 'Delivery', 'Bounce'], 0],
    ['suppressionlist@simulator.amazonses.com', ['Send', 'Bounce'], 0],
  ] as const;

  for (const [address, events, received] of CASES)
    test(`answers ${address} with ${events.join(', ')}`, async (t) => {
      const world = await startSesWorld();
      t.after(world.close);
      await world.send(to(address));
      await until(() => world.published.length >= events.length);
      assert.deepEqual(
        world.published.map(({ detail }) => (detail as SesDetail).eventType),
        events,
      );
      assert.equal(world.sink.mails().length, received);
    });

  test('tells a bounce, an out-of-office reply and a suppressed address apart', async (t) => {
    const world = await startSesWorld();
    t.after(world.close);
    await world.send(to('bounce@simulator.amazonses.com'));
    await world.send(to('ooto@simulator.amazonses.com'));
    await world.send(to('suppressionlist@simulator.amazonses.com'));
    const bounces = (await world.waitFor('Bounce', 3)).map(bounceOf);
    assert.deepEqual(
      bounces.map(({ bounceType, bounceSubType }) => `${bounceType}/${bounceSubType}`).sort(),
      ['Permanent/General', 'Permanent/Suppressed', 'Transient/General'],
    );
  });
});
