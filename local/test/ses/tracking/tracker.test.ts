import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { readSesNotification } from '../../../../shared/feedback/contract/ses-notification.ts';
import {
  aDestination,
  anAssembly,
  aResource,
  aSimpleInput,
  BASE_URL,
  part,
  startSesWorld,
  theResources,
  toDefaultBus,
  until,
} from '../../../../test/support/aws/ses-world.ts';
import { createLocalRouter } from '../../../src/host/local-routes.ts';
import { readSesResources } from '../../../src/ses/resources.ts';
import { trackHtml } from '../../../src/ses/tracking/html.ts';
import { trackRoutes } from '../../../src/ses/tracking/routes.ts';

const HTML = '<body><a href="https://shop.example.com/a?b=1&amp;c=2">Look</a></body>';
const READER = 'Mozilla/5.0 (Windows NT 6.1)';
const URLS = { open: 'http://t/open', click: (index: number) => `http://t/click/${index}` };
const DAY_SECONDS = 86_400;

/** HTML without web links that a parser could repair, or find links in. */
const BYSTANDERS = [
  '<!-- <a href="http://c.test/"> -->',
  '<!--[if mso]><a href="http://c.test/"><![endif]-->',
  `<SCRIPT>s = '<a href="http://c.test/">'</SCRIPT>`,
  '<style>a > b { content: "<a href=http://c.test/>" }</style>',
  ...[`<P CLASS=x title='a > b' hidden>`, '</p >', '<br/>', '<pre>\n\n', '</pre>', '<image src=x>'],
  ...['&amp; & &nbsp &copy; &#0;', 'a\r\nb\rc\n', 'é\u{1f600}', '\0', '\ud800', '<>', '< a', '</>'],
  ...['<!DOCTYPE html >', '<?xml version="1.0"?>', '<p a=1 A=2>', '<a name="top">', '<a HREF="#top" >'],
];

/** What stands before the target's attribute, the attribute, what stands after it, and the target as a browser reads it. */
const LINKS: readonly (readonly [string, string, string, string])[] = [
  ['<a ', 'href="http://a.test/"', '>', 'http://a.test/'],
  ["<a class='x' ", `href='http://a.test/?q="'`, " title='&lt;'>", 'http://a.test/?q="'],
  ['<a id=x\u00a0 ', 'href=http://a.test/?b', ' target=_blank >', 'http://a.test/?b'],
  [
    '<A\r\n ID = "x" ',
    'href = "http://a.test/?a=1&amp;b=2&#x26;c&eacute;"',
    '/>',
    'http://a.test/?a=1&b=2&cé',
  ],
  [`<a title="href='http://c.test/'" `, 'href="HTTPS://a.test/?a=1&b=2"', ' x>', 'HTTPS://a.test/?a=1&b=2'],
];

const tracked = (html: string, tracking = { opens: true, clicks: true }) => trackHtml(html, tracking, URLS);
const rewritten = async (html: string) => (await tracked(html, { opens: false, clicks: true })).html;

const anHtmlMail = (html: string, overrides: Partial<SendEmailCommandInput> = {}): SendEmailCommandInput => ({
  ...aSimpleInput({
    Body: { Html: { Data: html, Charset: 'UTF-8' }, Text: { Data: 'https://x.test/', Charset: 'UTF-8' } },
  }),
  ...overrides,
});

const overriding = (opens?: 'ENABLED' | 'DISABLED', clicks?: 'ENABLED' | 'DISABLED') => ({
  ConfigurationOverrides: { Tracking: { OpenTrackingEnabled: opens, ClickTrackingEnabled: clicks } },
});

/** The stand-in with a destination for these events beside what every mail has, and its routes as the front calls them. */
async function aTrackingWorld(t: TestContext, ...types: readonly string[]) {
  const destination = aDestination(toDefaultBus, { MatchingEventTypes: ['delivery', ...types] });
  const world = await startSesWorld({ assembly: anAssembly(theResources([destination])) });
  t.after(world.close);
  const router = createLocalRouter(trackRoutes(world.backend.tracker));
  const visit = (url: string, userAgent = READER) => {
    assert.ok(url.startsWith(BASE_URL), url);
    const caller = { headers: { 'user-agent': [userAgent] }, sourceIp: '192.0.2.7' };
    return router('GET', url.slice(BASE_URL.length), Buffer.alloc(0), caller);
  };
  const receive = async (input: SendEmailCommandInput) => {
    const sesMessageId = await world.send(input);
    await until(() => world.sink.mails().length > 0);
    const { html = '', text } = await PostalMime.parse(world.sink.mails().at(-1)?.raw ?? '');
    return { sesMessageId, html, text, pixel: urlIn(html, 'open'), link: urlIn(html, 'click') };
  };
  return { ...world, visit, receive };
}

const urlIn = (html: string, what: 'open' | 'click'): string =>
  new RegExp(`"(http://[^"]*/_local/track/${what}/[^"]*)"`).exec(html)?.[1] ?? '';

describe('a mail that SES tracks', () => {
  test('a tracked mail leads to this machine and tells of every open and click', async (t) => {
    const world = await aTrackingWorld(t, 'open', 'click');
    const { sesMessageId, pixel, link, text } = await world.receive(anHtmlMail(HTML));
    assert.equal(text?.trim(), 'https://x.test/');

    const image = await world.visit(pixel);
    assert.deepEqual([image.status, image.headers['content-type']], [200, 'image/gif']);
    assert.equal(image.body.toString('latin1', 0, 6), 'GIF89a');
    const answer = await world.visit(link);
    assert.deepEqual([answer.status, answer.headers.location], [302, 'https://shop.example.com/a?b=1&c=2']);

    const [opened] = await world.waitFor('Open');
    const { timestamp, ...open } = part(opened, 'open');
    assert.deepEqual(open, { ipAddress: '192.0.2.7', userAgent: READER });
    assert.match(String(timestamp), /^\d{4}-.*Z$/);
    const [clicked] = await world.waitFor('Click');
    const { timestamp: _at, ...click } = part(clicked, 'click');
    assert.deepEqual(click, {
      ...{ ipAddress: '192.0.2.7', userAgent: READER },
      ...{ link: 'https://shop.example.com/a?b=1&c=2', linkTags: null },
    });
    assert.deepEqual([opened?.mail.messageId, clicked?.mail.messageId], [sesMessageId, sesMessageId]);
    assert.deepEqual(
      world.published.map((event) => event['detail-type']).filter((type) => type !== 'Email Delivered'),
      ['Email Opened', 'Email Clicked'],
    );

    await world.visit(pixel);
    await world.waitFor('Open', 2);
  });

  test('a tracked mail tells of proxies and scanners as machines, in words that are read as such', async (t) => {
    const world = await aTrackingWorld(t, 'open', 'click');
    const messageId = '01a207d9-2100-7abc-8def-0123456789ab';
    const tags = { 'postlane-message-id': messageId, 'postlane-tenant': 'default', 'postlane-attempt': '1' };
    const EmailTags = Object.entries(tags).map(([Name, Value]) => ({ Name, Value }));
    const { pixel } = await world.receive(anHtmlMail(HTML, { EmailTags }));
    await world.visit(pixel, 'Mozilla/5.0 (via ggpht.com GoogleImageProxy)');
    await world.waitFor('Open');
    await world.visit(pixel);
    const facts = (await world.waitFor('Open', 2)).map((event) => {
      const reading = readSesNotification(event);
      assert.ok(reading.kind === 'report' && reading.report.kind === 'facts');
      return reading.report.facts[0]?.detail?.isMachine;
    });
    assert.deepEqual(facts, [true, undefined]);
  });

  test('a mail is tracked whose set has a destination for it, unless the mail says otherwise', async (t) => {
    const rows = [
      [['open', 'click'], {}, true, true],
      [['open'], {}, true, false],
      [['click'], {}, false, true],
      [[], {}, false, false],
      [['open', 'click'], overriding('DISABLED', 'DISABLED'), false, false],
      [['open', 'click'], overriding('DISABLED'), false, true],
      [['open', 'click'], overriding('ENABLED', 'DISABLED'), true, false],
      [[], overriding('ENABLED', 'ENABLED'), true, true],
    ] as const;
    for (const [types, overrides, hasPixel, hasLink] of rows) {
      const world = await aTrackingWorld(t, ...types);
      const { pixel, link, html } = await world.receive(anHtmlMail(HTML, overrides));
      const what = JSON.stringify([types, overrides]);
      assert.deepEqual([pixel !== '', link !== ''], [hasPixel, hasLink], what);
      if (!hasPixel && !hasLink) assert.equal(html.trim(), HTML, what);
    }
  });

  test('a tracked mail publishes no event where no destination asks for it', async (t) => {
    const world = await aTrackingWorld(t);
    const { pixel, link } = await world.receive(anHtmlMail(HTML, overriding('ENABLED', 'ENABLED')));
    assert.deepEqual([(await world.visit(pixel)).status, (await world.visit(link)).status], [200, 302]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual([world.details('Open'), world.details('Click')], [[], []]);
  });

  test('a mail of text alone is not tracked', async (t) => {
    const world = await aTrackingWorld(t, 'open', 'click');
    const { text } = await world.receive(
      aSimpleInput({ Body: { Text: { Data: 'https://x.test/', Charset: 'UTF-8' } } }),
    );
    assert.equal(text?.trim(), 'https://x.test/');
  });

  test('a tracked mail is counted for 60 days, and its links lead on after that', async (t) => {
    const world = await aTrackingWorld(t, 'open', 'click');
    const { link } = await world.receive(anHtmlMail(HTML));
    world.clock.advance(60 * DAY_SECONDS - 60);
    await world.visit(link);
    await world.waitFor('Click');
    world.clock.advance(61);
    assert.equal((await world.visit(link)).status, 302);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(world.details('Click').length, 1);
  });

  test('the tracking host does not answer for mail and links that are not there', async (t) => {
    const world = await aTrackingWorld(t, 'open', 'click');
    const { link, sesMessageId } = await world.receive(anHtmlMail(HTML, overriding('DISABLED', 'ENABLED')));
    for (const path of [
      `open/${sesMessageId}`,
      'open/x',
      'click/x/0',
      `click/${sesMessageId}/7`,
      `click/${sesMessageId}/-1`,
    ])
      assert.equal((await world.visit(`${BASE_URL}/_local/track/${path}`)).status, 404, path);
    assert.equal((await world.visit(link)).status, 302);
  });

  const malformed: readonly [string, unknown, RegExp][] = [
    [
      'an unknown status',
      { Tracking: { OpenTrackingEnabled: 'ON' } },
      /Tracking\.OpenTrackingEnabled'.*ENABLED, DISABLED/,
    ],
    ['a boolean', { Tracking: { ClickTrackingEnabled: true } }, /Tracking\.ClickTrackingEnabled'/],
    ['an unknown member', { Tracking: { Opens: 'ENABLED' } }, /ConfigurationOverrides\.Tracking'/],
    ['a text', 'none', /'ConfigurationOverrides'/],
  ];
  for (const [what, overrides, message] of malformed)
    test(`a mail is refused where its tracking override is ${what}`, async (t) => {
      const world = await aTrackingWorld(t);
      const refused = await world.backend.handle({
        ...{ service: 'ses', operation: 'SendEmail', method: 'POST', url: '/', headers: {} },
        body: Buffer.from(JSON.stringify({ ...anHtmlMail(HTML), ConfigurationOverrides: overrides })),
        caller: { kind: 'service', principal: 'test', sourceArn: '' },
      });
      assert.equal(refused.status, 400);
      assert.match(refused.body.toString(), message);
    });
});

describe('HTML that SES tracks', () => {
  const rows: readonly [string, string, string][] = [
    ['single quotes', "<a class='x' href='http://a.test/'>", '<a class=\'x\' href="http://t/click/0">'],
    ['no quotes', '<a href=http://a.test/?x=1 target=_blank>', '<a href="http://t/click/0" target=_blank>'],
    ['capitals', '<A HREF="HTTPS://A.test/">', '<A HREF="http://t/click/0">'],
    ['a line break', '<a\n  href = "http://a.test/">', '<a href="http://t/click/0">'],
    [
      'a > in another attribute',
      '<a title="a > b" href="http://a.test/">',
      '<a title="a > b" href="http://t/click/0">',
    ],
    ['mailto', '<a href="mailto:a@b.test">', '<a href="mailto:a@b.test">'],
    ['an anchor of its own', '<a href="#top" name=x>', '<a href="#top" name=x>'],
    ['no target', '<a name="top">', '<a name="top">'],
    ['something that is no URL', '<a href="http://[">', '<a href="http://[">'],
    ['another element', '<abbr href="http://a.test/">', '<abbr href="http://a.test/">'],
    ['ses:no-track', '<a ses:no-track href="http://a.test/">', '<a href="http://a.test/">'],
    [
      'ses:no-track with a value',
      '<a href="http://a.test/" ses:no-track="true">',
      '<a href="http://a.test/">',
    ],
    ['tags', '<a ses:tags="a:b;" href="http://a.test/">', '<a href="http://t/click/0">'],
  ];
  for (const [what, html, expected] of rows)
    test(`turns a link with ${what} into ${expected}`, async () =>
      assert.equal(await rewritten(html), expected));

  test('tracked HTML has at most 250 links that are tracked', async () => {
    const html = '<a href="http://a.test/">'.repeat(251);
    const { html: changed, marks } = await tracked(html, { opens: false, clicks: true });
    assert.equal(marks.links.length, 250);
    assert.ok(changed.endsWith('<a href="http://t/click/249"><a href="http://a.test/">'));
  });

  test('tracking tells the target as a browser reads it, and the tags of the link', async () => {
    const { marks } = await tracked(
      '<a ses:tags="kind:book;genre:a:b; ;" href=" https://a.test/?a=1&#38;b=&quot;">',
    );
    assert.deepEqual(marks.links, [
      { link: 'https://a.test/?a=1&b="', linkTags: { kind: ['book'], genre: ['a:b'] } },
    ]);
  });

  test('tracked HTML has its image where the placeholder is, else at the end of the body, else at the end', async () => {
    const image = '<img alt="" src="http://t/open" style="display: none; width: 1px; height: 1px;">';
    const opened = async (html: string) => (await tracked(html, { opens: true, clicks: false })).html;
    assert.equal(await opened('<p>a</p>'), `<p>a</p>${image}`);
    assert.equal(await opened('<body>a</body>\n</html>'), `<body>a${image}</body>\n</html>`);
    assert.equal(await opened('{{ses:openTracker}}a{{ses:openTracker}}</body>'), `${image}a</body>`);
    assert.equal(await opened('<BODY>a</BODY ><!-- </body> -->'), `<BODY>a${image}</BODY ><!-- </body> -->`);
  });

  test('any HTML is the same where nothing is tracked', async () => {
    const piece = fc.constantFrom(
      '<a',
      ' href=',
      '"',
      "'",
      'http://a.test/',
      '>',
      '</body>',
      '<',
      ' ',
      '&amp;',
      '=',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        const html = pieces.join('');
        assert.equal((await tracked(html, { opens: false, clicks: false })).html, html);
        const { links } = (await tracked(html, { opens: false, clicks: true })).marks;
        assert.ok(links.every(({ link }) => URL.canParse(link)));
      }),
    );
  });

  const untouched: readonly [string, string][] = [
    ['a comment', '<!-- <a href="http://a.test/"> -->'],
    ['a conditional comment', '<!--[if mso]><a href="http://a.test/"><![endif]-->'],
    ['a script', `<script>s = '<a href="http://a.test/">'</script>`],
    ['a style', '<style>/* <a href="http://a.test/"> */</style>'],
    ['a title', '<title><a href="http://a.test/"></title>'],
    ['a text field', '<TEXTAREA>\n<a href="http://a.test/"></TEXTAREA>'],
    ['an attribute', `<p title='<a href="http://a.test/">'>`],
    ['a tag that the end cuts off', '<p>a</p>\r\n<a href="http://a.test/"'],
    ['an attribute of another namespace', '<svg><a xlink:href="http://a.test/"></a></svg>'],
  ];
  for (const [what, html] of untouched)
    test(`tracking leaves a link within ${what} alone`, async () => {
      const { html: changed, marks } = await tracked(html, { opens: false, clicks: true });
      assert.deepEqual([changed, marks.links], [html, []]);
    });

  test('tracking changes no byte of any HTML but the targets of its links', async () => {
    const around = fc
      .array(fc.constantFrom(...BYSTANDERS), { maxLength: 12 })
      .map((pieces) => pieces.join(''));
    const document = fc.array(fc.tuple(around, fc.constantFrom(...LINKS)), { maxLength: 6 });
    const ending = fc.constantFrom('', '<', '</bo', '<a', '<a href="http://a.test/', '<!-- <a href="', '\r');
    await fc.assert(
      fc.asyncProperty(document, ending, async (parts, end) => {
        const asWritten = parts.map(([before, [start, href, rest]]) => before + start + href + rest);
        const asTracked = parts.map(
          ([before, [start, , rest]], index) => `${before}${start}href="http://t/click/${index}"${rest}`,
        );
        const { html, marks } = await tracked(asWritten.join('') + end, { opens: false, clicks: true });
        assert.equal(html, asTracked.join('') + end);
        assert.deepEqual(
          marks.links.map(({ link }) => link),
          parts.map(([, [, , , link]]) => link),
        );
      }),
    );
  });

  test('tracking changes no other byte of HTML that is long', async () => {
    const piece = (href: string) => `<P>hé \u{1f600}\r\n<!-- ${'x'.repeat(1000)} --><a id=1 ${href}>a</A>`;
    const written = piece("href='http://a.test/?a&amp;b'").repeat(200);
    const expected = Array.from({ length: 200 }, (_, index) => piece(`href="http://t/click/${index}"`));
    assert.equal(await rewritten(written), expected.join(''));
  });
});

describe('a configuration set with a tracking domain', () => {
  const readWith = (CustomRedirectDomain: string) => {
    const set = { Name: 'news', TrackingOptions: { CustomRedirectDomain } };
    return readSesResources(anAssembly([...theResources(), aResource('AWS::SES::ConfigurationSet', set)]));
  };

  test('a set with a tracking domain is made for a verified domain or one below, as SES makes it', () => {
    for (const domain of ['example.com', 'links.example.com'])
      assert.ok(readWith(domain).findConfigurationSet('news'));
    for (const domain of ['links.example.org', 'notexample.com'])
      assert.throws(() => readWith(domain), new RegExp(`tracks by ${domain}: it is no verified domain`));
  });
});
