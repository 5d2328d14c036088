import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { chooseTracking, type MailTracking, trackingOf } from '../../../shared/mail/tracking.ts';

const both: MailTracking = { opens: true, clicks: true };
const none: MailTracking = { opens: false, clicks: false };

const tracking = fc.record({ opens: fc.boolean(), clicks: fc.boolean() });
const defaults = fc.record({
  stream: fc.option(tracking, { nil: undefined }),
  domain: fc.option(tracking, { nil: undefined }),
});
const word = fc.constantFrom(true, false, null, undefined);
const own = fc.record({ opens: word, clicks: word });

describe('tracking of a mail', () => {
  test('a stream that may track goes by what the mail says, else by the stream or the domain', () => {
    fc.assert(
      fc.property(own, defaults, (said, { stream, domain }) => {
        const told = trackingOf(chooseTracking(said, { stream, domain }), stream);
        for (const name of ['opens', 'clicks'] as const) {
          const usual = (stream?.[name] ?? false) || (domain?.[name] ?? false);
          assert.equal(told[name], stream !== undefined && (said[name] ?? usual));
        }
      }),
    );
  });

  test('the tracking of a mail takes no room on the row where the stream alone decides', () => {
    fc.assert(
      fc.property(fc.option(tracking, { nil: undefined }), (stream) => {
        assert.equal(chooseTracking({}, { stream, domain: undefined }), undefined);
        assert.equal(chooseTracking({ opens: null }, { stream, domain: none }), undefined);
      }),
    );
    assert.deepEqual(chooseTracking({}, { stream: none, domain: both }), both);
    assert.equal(chooseTracking({}, { stream: undefined, domain: both }), undefined);
  });

  test('tracking that a mail has refused stays refused when its stream says otherwise later', () => {
    fc.assert(
      fc.property(defaults, tracking, (before, later) => {
        assert.deepEqual(trackingOf(chooseTracking(none, before), later), none);
      }),
    );
  });

  test('the tracking of a mail ends with that of its stream, also where the mail has asked for it', () => {
    assert.deepEqual(trackingOf(both, undefined), none);
  });
});
