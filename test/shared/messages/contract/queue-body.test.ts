import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fetchJob, sendJob } from '../../../../shared/messages/contract/queue-body.ts';

/** As the first release writes them; a record waits up to 14 days, so they are read as long as any may be left. */
const VERSION_2 = {
  inline:
    '{"version":2,"messageId":"019ab000-0000-7000-8000-000000000001","tenant":"default","stream":"transactional",' +
    '"recipientDomains":["example.net"],"waits":0,"content":{"kind":"inline","content":{"html":"<p>Hi</p>","text":"Hi","headers":{"X-A":"1"},' +
    '"attachments":[{"attachmentId":"a","filename":"a.pdf","contentType":"application/pdf",' +
    '"objectKey":"attachments/m/a","sizeBytes":4}]}}}',
  object:
    '{"version":2,"messageId":"m","tenant":"default","stream":"transactional","recipientDomains":["example.net"],"waits":3,' +
    '"content":{"kind":"object","objectKey":"content/m"}}',
  table:
    '{"version":2,"messageId":"m","tenant":"default","stream":"transactional","recipientDomains":["example.net"],"waits":0,"content":{"kind":"table"}}',
  unavailable:
    '{"version":2,"messageId":"m","tenant":"default","stream":"transactional","recipientDomains":["example.net"],"waits":0,' +
    '"content":{"kind":"unavailable","reason":"not found"}}',
};

describe('queue bodies', () => {
  for (const [kind, body] of Object.entries(VERSION_2)) {
    test(`version 2 with ${kind} content parses`, () => {
      assert.equal(sendJob.parse(JSON.parse(body)).content.kind, kind);
    });
  }

  test('version 2 for attachments parses', () => {
    const attachment = {
      attachmentId: 'a',
      filename: 'a.pdf',
      contentType: 'application/pdf',
      objectKey: 'fetched/m/a',
      url: 'https://example.com/a.pdf',
    };
    const body = { version: 2, job: JSON.parse(VERSION_2.inline), attachments: [attachment] };
    assert.deepEqual(fetchJob.parse(body).attachments, [attachment]);
  });

  test('a field of a later release is left out', () => {
    const body = { ...JSON.parse(VERSION_2.table), sendNotBeforeEpochMs: 1 };
    assert.equal(sendJob.safeParse(body).success, true);
  });

  test('a version that is not known does not parse', () => {
    for (const version of [1, 3]) {
      assert.equal(sendJob.safeParse({ ...JSON.parse(VERSION_2.table), version }).success, false);
    }
    assert.equal(sendJob.safeParse({}).success, false);
  });
});
