import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import { createSesMailer } from '../../../../shared/sending/adapters/ses.ts';
import type { Mailer, OutgoingMail } from '../../../../shared/sending/mailer.ts';
import { classifySend } from '../../../../shared/sending/send-outcome.ts';
import { MESSAGE_ID } from '../../../support/messages/delivery-builders.ts';

const mail: OutgoingMail = {
  from: 'Shop <shop@example.com>',
  to: ['ann@example.net'],
  cc: [],
  bcc: ['Bob <bob@example.net>'],
  replyTo: [],
  subject: 'Grüße',
  html: '<p>hi</p>',
  text: 'hi',
  headers: { 'X-Order': '1' },
  attachments: [
    { filename: 'a.txt', contentType: 'text/plain', bytes: Buffer.from('abc') },
    { filename: 'b.png', contentType: 'image/png', contentId: 'logo', bytes: Buffer.from('png') },
  ],
  configurationSet: 'transactional',
  tracking: { opens: false, clicks: true },
  reference: { messageId: MESSAGE_ID, tenant: 'default', attempt: 2 },
};

const closers: (() => void)[] = [];
after(() => {
  for (const close of closers) close();
});

function mailerAt(endpoint: string, requestTimeoutMs = 400): Mailer {
  return createSesMailer({
    connectionTimeoutMs: 300,
    requestTimeoutMs,
    client: { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'id', secretAccessKey: 'secret' } },
  });
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that reads the whole request and then does as it is told. */
async function startSes(answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const bodies: string[] = [];
  const sockets = new Set<unknown>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(Buffer.concat(chunks).toString());
    sockets.add(request.socket);
    answer(response, request);
  });
  const host = await listen(server);
  closers.push(() => server.closeAllConnections());
  return { bodies, sockets, mailer: mailerAt(`http://${host}`) };
}

const respond = (status: number, body: unknown, errorType?: string) => (response: ServerResponse) => {
  const type = errorType === undefined ? {} : { 'x-amzn-errortype': errorType };
  response.writeHead(status, { 'content-type': 'application/json', ...type }).end(JSON.stringify(body));
};

describe('SES mailer', () => {
  test('sends the mail with our tags alone and answers the id', async () => {
    const ses = await startSes(respond(200, { MessageId: 'ses-1' }));
    assert.deepEqual(await ses.mailer.send(mail), { kind: 'sent', sesMessageId: 'ses-1' });

    assert.equal(ses.bodies.length, 1);
    assert.deepEqual(JSON.parse(ses.bodies[0] ?? ''), {
      FromEmailAddress: 'Shop <shop@example.com>',
      Destination: { ToAddresses: ['ann@example.net'], BccAddresses: ['Bob <bob@example.net>'] },
      Content: {
        Simple: {
          Subject: { Data: 'Grüße', Charset: 'UTF-8' },
          Body: {
            Html: { Data: '<p>hi</p>', Charset: 'UTF-8' },
            Text: { Data: 'hi', Charset: 'UTF-8' },
          },
          Headers: [{ Name: 'X-Order', Value: '1' }],
          Attachments: [
            {
              FileName: 'a.txt',
              ContentType: 'text/plain',
              ContentDisposition: 'ATTACHMENT',
              ContentTransferEncoding: 'BASE64',
              RawContent: 'YWJj',
            },
            {
              FileName: 'b.png',
              ContentType: 'image/png',
              ContentDisposition: 'INLINE',
              ContentId: 'logo',
              ContentTransferEncoding: 'BASE64',
              RawContent: 'cG5n',
            },
          ],
        },
      },
      EmailTags: [
        { Name: 'postlane-message-id', Value: MESSAGE_ID },
        { Name: 'postlane-tenant', Value: 'default' },
        { Name: 'postlane-attempt', Value: '2' },
      ],
      ConfigurationSetName: 'transactional',
      ConfigurationOverrides: {
        Tracking: { OpenTrackingEnabled: 'DISABLED', ClickTrackingEnabled: 'ENABLED' },
      },
    });
  });

  test('says of every mail what is to be tracked, also nothing', async () => {
    const ses = await startSes(respond(200, { MessageId: 'ses-1' }));
    for (const isOn of [false, true])
      await ses.mailer.send({ ...mail, tracking: { opens: isOn, clicks: isOn } });
    const trackings = ses.bodies.map((body) => JSON.parse(body).ConfigurationOverrides.Tracking);
    assert.deepEqual(trackings, [
      { OpenTrackingEnabled: 'DISABLED', ClickTrackingEnabled: 'DISABLED' },
      { OpenTrackingEnabled: 'ENABLED', ClickTrackingEnabled: 'ENABLED' },
    ]);
  });

  test('opens a connection for every mail, so that none waits on one that froze', async () => {
    const ses = await startSes(respond(200, { MessageId: 'ses-1' }));
    await ses.mailer.send(mail);
    await ses.mailer.send(mail);
    assert.equal(ses.sockets.size, 2);
  });

  const answers: readonly [title: string, answer: (response: ServerResponse) => void, outcome: string][] = [
    ['the reply is lost', (response) => response.destroy(), 'unknown'],
    ['no reply comes in time', () => {}, 'unknown'],
    [
      'the reply breaks off',
      (response) =>
        response.writeHead(200, { 'content-length': '99' }).write('{"Mess', () => response.destroy()),
      'unknown',
    ],
    ['the reply has no id', respond(200, {}), 'unknown'],
    ['the reply is no JSON', (response) => response.writeHead(200).end('<html>'), 'unknown'],
    ['SES answers 500', respond(500, { message: 'oops' }, 'InternalFailure'), 'unknown'],
    ['SES answers 503', respond(503, { message: 'busy' }, 'ServiceUnavailable'), 'unknown'],
    [
      'SES throttles',
      respond(429, { message: 'Maximum sending rate exceeded.' }, 'TooManyRequestsException'),
      'later',
    ],
    ['sending is paused', respond(400, { message: 'paused' }, 'SendingPausedException'), 'later'],
    ['the right is missing', respond(403, { message: 'not authorized' }, 'AccessDeniedException'), 'later'],
    ['SES rejects the mail', respond(400, { message: 'not verified' }, 'MessageRejected'), 'refused'],
  ];
  for (const [title, answer, outcome] of answers) {
    test(`asks SES exactly once and is ${outcome} where ${title}`, async () => {
      const ses = await startSes(answer);
      assert.equal(classifySend(await ses.mailer.send(mail)).kind, outcome);
      assert.equal(ses.bodies.length, 1);
    });
  }

  test('a refused connection has not asked', async () => {
    const server = createTcpServer();
    const host = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    assert.equal((await mailerAt(`http://${host}`).send(mail)).kind, 'not-asked');
  });

  test('a name that does not resolve has not asked', async () => {
    assert.equal((await mailerAt('http://ses.invalid').send(mail)).kind, 'not-asked');
  });

  test('TLS that does not come about has not asked', async () => {
    const server = createTcpServer((socket: Socket) => void socket.on('error', () => {}).end('no TLS here'));
    assert.equal((await mailerAt(`https://${await listen(server)}`).send(mail)).kind, 'not-asked');
  });

  test('a TLS handshake that never ends has not asked', async () => {
    const open: Socket[] = [];
    const server = createTcpServer((socket: Socket) => void open.push(socket.on('error', () => {})));
    assert.equal((await mailerAt(`https://${await listen(server)}`).send(mail)).kind, 'not-asked');
    for (const socket of open) socket.destroy();
  });
});
