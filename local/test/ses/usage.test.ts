import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unitsFor } from '../support/idle-services.ts';

const KB = 1024;
const address = (name: string) => `${name}@example.com`;

describe('SES on the bill', () => {
  const Destination = {
    ToAddresses: [address('a'), address('b')],
    CcAddresses: [address('c')],
    BccAddresses: [address('d')],
  };
  const Attachments = [1, 2].map(() => ({ RawContent: Buffer.alloc(512 * KB).toString('base64') }));
  const send = (request: object) => unitsFor('ses', 'SendEmail', { request });

  test('SES bills every recipient', () => assert.deepEqual(send({ Destination }), [[4, 'recipient']]));

  test('SES bills the decoded bytes of attachments', () => {
    assert.deepEqual(send({ Destination, Content: { Simple: { Attachments } } }), [
      [4, 'recipient'],
      [1 / 1024, 'attachment GB'],
    ]);
  });

  test('SES bills nothing for a look at the account', () => {
    assert.deepEqual(unitsFor('ses', 'GetAccount'), []);
  });
});
