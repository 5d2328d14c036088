import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { openTableStreamFile } from '../../../src/dynamodb/table-streams/file.ts';
import type { TableStreamRecord } from '../../../src/dynamodb/table-streams/record.ts';

const aRecord = (SequenceNumber: string, text = 'ü') =>
  ({
    eventID: SequenceNumber,
    dynamodb: { SequenceNumber, NewImage: { text: { S: text } } },
  }) as never as TableStreamRecord;
const namesOf = (records: readonly TableStreamRecord[]) => records.map(({ eventID }) => eventID);

function aPath(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'postlane-stream-file-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, 'table.jsonl');
}

describe('the file of a stream', () => {
  test('a stream file has every record on disk as soon as it is appended', (t) => {
    const path = aPath(t);
    const file = openTableStreamFile(path);
    assert.deepEqual(file.records, []);
    file.append(aRecord('1'));
    file.append(aRecord('2'));
    assert.deepEqual(openTableStreamFile(path).records, [aRecord('1'), aRecord('2')]);
    file.close();
  });

  test('cuts off the record that a process that died had not finished, and goes on behind it', (t) => {
    const path = aPath(t);
    const file = openTableStreamFile(path);
    file.append(aRecord('1'));
    file.close();
    appendFileSync(path, '{"eventID":"2","dyn');

    const again = openTableStreamFile(path);
    assert.deepEqual(namesOf(again.records), ['1']);
    again.append(aRecord('2'));
    again.close();
    assert.deepEqual(namesOf(openTableStreamFile(path).records), ['1', '2']);
  });

  test('a stream file becomes small again when all was read, and keeps the last record for its number', (t) => {
    const path = aPath(t);
    const file = openTableStreamFile(path);
    file.append(aRecord('1'));
    file.drained(aRecord('1'));
    file.append(aRecord('2', 'x'.repeat(1024 * 1024)));
    file.append(aRecord('3'));
    assert.equal(readFileSync(path, 'utf8').split('\n').length, 4);

    file.drained(aRecord('3'));
    assert.ok(statSync(path).size < 200);
    file.append(aRecord('4'));
    assert.deepEqual(namesOf(openTableStreamFile(path).records), ['3', '4']);
    file.close();
  });
});
