export interface PageOptions {
  /** Shown in the sample that sends a first mail. */
  readonly sample?: { readonly apiKey: string; readonly from: string };
  /** `host:port` where mail goes instead; said on the page, because the inbox then stays empty. */
  readonly smtpTarget?: string;
}

const STYLE = `
:root { color-scheme: light dark; --line: #d9dde3; --soft: #f4f6f8; --muted: #5d6775; --ink: #17202b; --paper: #fff;
  --accent: #0b62c4; --pick: #e6f0fb; --mark: #e4f3e8; --mark-ink: #155e2f; }
@media (prefers-color-scheme: dark) { :root { --line: #2c3541; --soft: #171d25; --muted: #93a0b0; --ink: #e5eaf0;
  --paper: #10151b; --accent: #6fb1ff; --pick: #1b2d43; --mark: #173423; --mark-ink: #9be0b4; } }
* { box-sizing: border-box; }
body { margin: 0; height: 100vh; display: grid; grid-template-rows: auto 1fr; background: var(--paper);
  color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
header { display: flex; gap: 14px; align-items: baseline; padding: 12px 18px; border-bottom: 1px solid var(--line); }
h1 { font-size: 16px; margin: 0; } #count, #note { color: var(--muted); } #note { margin-left: auto; }
main { display: grid; grid-template-columns: minmax(300px, 38%) 1fr; min-height: 0; }
#list { overflow: auto; border-right: 1px solid var(--line); margin: 0; padding: 0; list-style: none; }
#list button { all: unset; box-sizing: border-box; display: block; width: 100%; padding: 10px 18px; border-bottom: 1px solid var(--line); cursor: pointer; }
#list button:hover { background: var(--soft); } #list button[aria-current=true] { background: var(--pick); }
#list button:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.line { display: flex; gap: 12px; align-items: baseline; }
.line > :first-child { flex: 1; } .line > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.line > time, .line > .stream { flex: none; }
.subject { font-weight: 600; } .from, .to, time { color: var(--muted); font-size: 12.5px; }
.stream { background: var(--mark); color: var(--mark-ink); border-radius: 9px; padding: 0 8px;
  font-size: 12px; max-width: 60%; }
#mail { min-width: 0; display: flex; flex-direction: column; overflow: hidden; }
#mail .top { padding: 14px 18px 0; } #mail h2 { margin: 0 0 6px; font-size: 18px; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 0; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
nav { display: flex; gap: 4px; margin-top: 12px; padding: 0 18px; border-bottom: 1px solid var(--line); }
nav button { all: unset; padding: 6px 12px; cursor: pointer; color: var(--muted); border-bottom: 2px solid transparent; }
nav button[aria-selected=true] { color: var(--ink); border-color: var(--accent); }
nav button:focus-visible { outline: 2px solid var(--accent); }
#pane { flex: 1; min-height: 0; overflow: auto; } #pane iframe { width: 100%; height: 100%; border: 0; background: #fff; }
pre { margin: 0; padding: 16px 18px; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, monospace; }
#pane dl { padding: 16px 18px; font-size: 13px; } #pane ul { padding: 16px 18px 16px 36px; margin: 0; } a { color: var(--accent); }
.empty { padding: 40px 28px; max-width: 760px; } .empty h2 { margin: 0 0 8px; font-size: 18px; }
.empty pre { background: var(--soft); border: 1px solid var(--line); border-radius: 8px; margin-top: 12px; }
.muted { color: var(--muted); }
@media (max-width: 760px) { main { grid-template-columns: 1fr; grid-template-rows: 40% 1fr; }
  #list { border-right: 0; border-bottom: 1px solid var(--line); } }`;

/** The page's frame; everything a mail says is filled in by the script as text, never as markup. */
export const renderPage = ({ sample, smtpTarget }: PageOptions): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>Postlane inbox</title><style>${STYLE}</style></head>
<body data-api-key="${escapeHtml(sample?.apiKey ?? 're_local')}" data-from="${escapeHtml(sample?.from ?? 'hello@example.com')}"
 data-smtp-target="${escapeHtml(smtpTarget ?? '')}">
<header><h1>Postlane inbox</h1><span id="count" role="status"></span><span id="note"></span></header>
<main><ul id="list" aria-label="Mails, newest first"></ul><section id="mail" aria-label="Mail"></section></main>
<script src="/_local/inbox.js"></script></body></html>
`;

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Runs in the browser: polls the list and touches only what changed, so that nothing flickers or loses its place. */
export const PAGE_SCRIPT = `'use strict';
const el = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};
const $ = (id) => document.getElementById(id);
let revision;
let picked;

const shortTime = (iso) => {
  const at = new Date(iso);
  return at.toDateString() === new Date().toDateString() ? at.toLocaleTimeString() : at.toLocaleString();
};
const line = (...children) => el('div', { className: 'line' }, ...children);
const row = (mail) => {
  const button = el('button', { type: 'button', onclick: () => open(mail.id) },
    line(el('span', { className: 'subject', textContent: mail.subject || '(no subject)' }),
      el('time', { dateTime: mail.receivedAt, textContent: shortTime(mail.receivedAt) })),
    line(el('span', { className: 'from', textContent: mail.from })),
    line(el('span', { className: 'to', textContent: 'to ' + mail.to.join(', ') }),
      mail.configurationSet ? el('span', { className: 'stream', textContent: streamOf(mail), title: streamOf(mail) }) : ''));
  const item = el('li', {}, button);
  item.dataset.id = mail.id;
  return item;
};
const streamOf = (mail) => [mail.configurationSet, mail.pool, mail.tenant].filter(Boolean).join(' · ');

const markPicked = () => {
  for (const item of $('list').children)
    item.firstChild.setAttribute('aria-current', String(item.dataset.id === picked));
};

const showList = ({ mails, kept, dropped }) => {
  const known = new Map([...$('list').children].map((item) => [item.dataset.id, item]));
  const wanted = new Set(mails.map((mail) => mail.id));
  for (const [id, item] of known) if (!wanted.has(id)) item.remove();
  let after = null;
  for (const mail of mails) {
    const item = known.get(mail.id) ?? row(mail);
    const place = after ? after.nextSibling : $('list').firstChild;
    if (item !== place) $('list').insertBefore(item, place);
    after = item;
  }
  $('count').textContent = kept === 1 ? '1 mail' : kept + ' mails';
  $('note').textContent = [
    kept > mails.length ? 'showing the newest ' + mails.length : '',
    dropped > 0 ? dropped + ' oldest dropped to save memory' : '',
  ].filter(Boolean).join(' · ');
  markPicked();
  if (!picked) mails.length ? showHint() : showEmpty();
};

const showHint = () =>
  $('mail').replaceChildren(el('div', { className: 'empty muted', textContent: 'Choose a mail to read it.' }));

const showEmpty = () => {
  const { apiKey, from, smtpTarget } = document.body.dataset;
  if (smtpTarget) {
    $('mail').replaceChildren(el('div', { className: 'empty' }, el('h2', { textContent: 'Mail goes elsewhere' }),
      el('p', { textContent: 'It is delivered to ' + smtpTarget + ', so this inbox stays empty.' })));
    return;
  }
  const body = JSON.stringify({ from, to: 'ada@example.net', subject: 'Hello', html: '<p>It works.</p>' });
  const quoted = "'" + body.replaceAll("'", "'\\\\''") + "'";
  $('mail').replaceChildren(el('div', { className: 'empty' }, el('h2', { textContent: 'No mail yet' }),
    el('p', { className: 'muted', textContent: 'Whatever is sent through Postlane on this machine arrives here. Try:' }),
    el('pre', { textContent: 'curl ' + location.origin + "/emails -H 'Authorization: Bearer " + apiKey +
      "' -H 'Content-Type: application/json' -d " + quoted })));
};

const frame = (html) => {
  const node = el('iframe', { title: 'The mail as HTML' });
  node.setAttribute('sandbox', '');
  node.srcdoc = html;
  return node;
};
const pairs = (list) => el('dl', {}, ...list.flatMap(([name, value]) =>
  [el('dt', { textContent: name }), el('dd', { textContent: value })]));
const size = (bytes) => bytes < 1024 ? bytes + ' B' : bytes < 1048576 ? (bytes / 1024).toFixed(1) + ' KB'
  : (bytes / 1048576).toFixed(1) + ' MB';
const attachmentList = (mail) => el('ul', {}, ...mail.attachments.map((file, index) => el('li', {},
  el('a', { href: '/_local/inbox/' + mail.id + '/attachments/' + index, textContent: file.name, download: '' }),
  ' ' + file.type + ', ' + size(file.bytes))));
const linkList = (mail) => el('ul', {}, ...mail.links.map((href) => el('li', {}, newTab(href, href))),
  ...(mail.pixel ? [el('li', {}, newTab(mail.pixel, 'Load the image that tells of an open'),
    ' as a mail program does; this page leaves it out')] : []));
const newTab = (href, textContent) => el('a', { href, textContent, target: '_blank', rel: 'noopener noreferrer' });
const source = (mail) => {
  const pre = el('pre', { textContent: 'Loading…' });
  fetch('/_local/inbox/' + mail.id + '/source').then((answer) => answer.text()).then((text) => {
    pre.textContent = text.length > 2000000 ? text.slice(0, 2000000) + '\\n… cut' : text;
  });
  return pre;
};

const tabsOf = (mail) => [
  mail.html === undefined ? null : ['HTML', () => frame(mail.html)],
  mail.text === undefined ? null : ['Text', () => el('pre', { textContent: mail.text })],
  mail.links.length || mail.pixel ? ['Links (' + mail.links.length + ')', () => linkList(mail)] : null,
  ['Headers', () => pairs(mail.headers.map((header) => [header.name, header.value]))],
  mail.attachments.length ? ['Attachments (' + mail.attachments.length + ')', () => attachmentList(mail)] : null,
  ['Source', () => source(mail)],
].filter(Boolean);

const showMail = (mail) => {
  const pane = el('div', { id: 'pane' });
  const nav = el('nav');
  nav.setAttribute('role', 'tablist');
  const buttons = tabsOf(mail).map(([name, make]) => {
    const button = el('button', { type: 'button', textContent: name, onclick: () => {
      for (const other of buttons) other.setAttribute('aria-selected', String(other === button));
      pane.replaceChildren(make());
    } });
    button.setAttribute('role', 'tab');
    return button;
  });
  nav.append(...buttons);
  $('mail').replaceChildren(el('div', { className: 'top' },
    el('h2', { textContent: mail.subject || '(no subject)' }),
    pairs([['From', mail.from], ['To', mail.to.join(', ')], ['Received', new Date(mail.receivedAt).toLocaleString()],
      ['Bounces to', mail.mailFrom],
      ...[['Configuration set', mail.configurationSet], ['Pool', mail.pool], ['Tenant', mail.tenant]].filter(([, name]) => name),
      ...(mail.problem ? [['Problem', mail.problem]] : [])])), nav, pane);
  buttons[0].click();
};

const open = async (id) => {
  picked = id;
  markPicked();
  const answer = await fetch('/_local/inbox/' + id);
  if (picked !== id) return;
  if (answer.ok) showMail(await answer.json());
  else $('mail').replaceChildren(el('div', { className: 'empty muted', textContent: 'This mail is no longer kept.' }));
};

const refresh = async () => {
  try {
    const list = await (await fetch('/_local/inbox/summary')).json();
    if (list.revision !== revision) showList(list);
    revision = list.revision;
  } catch {
    $('note').textContent = 'Postlane does not answer';
    revision = undefined;
  }
  setTimeout(refresh, 1000);
};
refresh();
`;
