// @ts-check

/*
 * Polls the list and touches only what changed, so that nothing flickers or loses its place. Everything a mail says is
 * filled in as text, never as markup.
 */

/** @import { MailSummary, MailView } from '../mail-view.ts' */
/** @import { MailList } from '../routes.ts' */

/** @typedef {readonly [name: string, make: () => HTMLElement]} Tab */

/**
 * Makes an element with properties and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<Omit<HTMLElementTagNameMap[Tag], 'style'>>} [props]
 * @param {(Node | string)[]} children
 */
const el = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};

/** @param {string} id */
const $ = (id) => {
  const node = document.getElementById(id);
  if (!node) throw new Error(`The page has no #${id}`);
  return node;
};

/** Said of the page by its frame; empty where it was told none. */
const { product = '', apiKey = '', from = '', smtpTarget = '' } = document.body.dataset;

const MAX_SOURCE_LENGTH = 2_000_000;
const REFRESH_MS = 1000;

/** @type {string | undefined} */
let revision;
/** @type {string | undefined} */
let picked;

/** @param {string} iso */
const shortTime = (iso) => {
  const at = new Date(iso);
  return at.toDateString() === new Date().toDateString() ? at.toLocaleTimeString() : at.toLocaleString();
};

/** @param {number} bytes */
const formatSize = (bytes) => {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
};

/** @param {MailSummary} mail */
const subjectOf = (mail) => mail.subject || '(no subject)';

/** @param {MailSummary} mail */
const streamOf = (mail) => [mail.configurationSet, mail.pool, mail.tenant].filter(Boolean).join(' · ');

/** @param {(Node | string)[]} children */
const line = (...children) => el('div', { className: 'line' }, ...children);

/** @param {MailSummary} mail */
const row = (mail) => {
  const button = el(
    'button',
    { type: 'button', onclick: () => open(mail.id) },
    line(
      el('span', { className: 'subject', textContent: subjectOf(mail) }),
      el('time', { dateTime: mail.receivedAt, textContent: shortTime(mail.receivedAt) }),
    ),
    line(el('span', { className: 'from', textContent: mail.from })),
    line(
      el('span', { className: 'to', textContent: `to ${mail.to.join(', ')}` }),
      mail.configurationSet
        ? el('span', { className: 'stream', textContent: streamOf(mail), title: streamOf(mail) })
        : '',
    ),
  );
  const item = el('li', {}, button);
  item.dataset.id = mail.id;
  return item;
};

/** @returns {HTMLElement[]} */
const rows = () => [.../** @type {HTMLCollectionOf<HTMLElement>} */ ($('list').children)];

const markPicked = () => {
  for (const item of rows())
    item.firstElementChild?.setAttribute('aria-current', String(item.dataset.id === picked));
};

/**
 * Brings the rows into the order of the mails; a row that stays in its place is not touched.
 * @param {readonly MailSummary[]} mails
 */
const placeRows = (mails) => {
  const known = new Map(rows().map((item) => [item.dataset.id, item]));
  const wanted = new Set(mails.map(({ id }) => id));
  for (const [id, item] of known) if (!wanted.has(id ?? '')) item.remove();
  /** @type {HTMLElement | undefined} */
  let after;
  for (const mail of mails) {
    const item = known.get(mail.id) ?? row(mail);
    const place = after ? after.nextSibling : $('list').firstChild;
    if (item !== place) $('list').insertBefore(item, place);
    after = item;
  }
};

/** @param {MailList} list */
const showList = ({ mails, kept, dropped }) => {
  placeRows(mails);
  $('count').textContent = kept === 1 ? '1 mail' : `${kept} mails`;
  $('note').textContent = [
    kept > mails.length ? `showing the newest ${mails.length}` : '',
    dropped > 0 ? `${dropped} oldest dropped to save memory` : '',
  ]
    .filter(Boolean)
    .join(' · ');
  markPicked();
  if (picked) return;
  if (mails.length > 0) showHint('Choose a mail to read it.');
  else showEmpty();
};

/** @param {string} textContent */
const showHint = (textContent) =>
  $('mail').replaceChildren(el('div', { className: 'empty muted', textContent }));

/**
 * Shows a heading in place of a mail.
 * @param {string} heading
 * @param {Node[]} children
 */
const showNotice = (heading, ...children) =>
  $('mail').replaceChildren(
    el('div', { className: 'empty' }, el('h2', { textContent: heading }), ...children),
  );

const showEmpty = () => {
  if (smtpTarget) {
    const textContent = `It is delivered to ${smtpTarget}, so this inbox stays empty.`;
    showNotice('Mail goes elsewhere', el('p', { textContent }));
    return;
  }
  const textContent = `Mail sent through ${product} on this machine arrives here. Try:`;
  showNotice(
    'No mail yet',
    el('p', { className: 'muted', textContent }),
    el('pre', { textContent: sampleCommand() }),
  );
};

/** Writes the shell command that sends a first mail. */
const sampleCommand = () => {
  const mail = { from, to: 'ada@example.net', subject: 'Hello', html: '<p>It works.</p>' };
  const quoted = `'${JSON.stringify(mail).replaceAll("'", "'\\''")}'`;
  const headers = `-H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json'`;
  return `curl ${location.origin}/emails ${headers} -d ${quoted}`;
};

/** @param {string} html */
const frame = (html) => {
  const node = el('iframe', { title: 'The mail as HTML' });
  node.setAttribute('sandbox', '');
  node.srcdoc = html;
  return node;
};

/** @param {readonly (readonly [name: string, value: string])[]} list */
const pairs = (list) =>
  el(
    'dl',
    {},
    ...list.flatMap(([name, value]) => [el('dt', { textContent: name }), el('dd', { textContent: value })]),
  );

/** @param {MailView} mail */
const attachmentList = (mail) => {
  const items = mail.attachments.map(({ name, type, bytes }, index) => {
    const href = `/_local/inbox/${mail.id}/attachments/${index}`;
    return el('li', {}, el('a', { href, textContent: name, download: '' }), ` ${type}, ${formatSize(bytes)}`);
  });
  return el('ul', {}, ...items);
};

/**
 * Makes a link that opens a tab of its own.
 * @param {string} href
 * @param {string} textContent
 */
const newTab = (href, textContent) =>
  el('a', { href, textContent, target: '_blank', rel: 'noopener noreferrer' });

/** @param {MailView} mail */
const linkList = ({ links, pixel }) => {
  const list = el('ul', {}, ...links.map((href) => el('li', {}, newTab(href, href))));
  if (pixel) {
    const link = newTab(pixel, 'Load the image that tells of an open');
    list.append(el('li', {}, link, ' as a mail program does; this page leaves it out'));
  }
  return list;
};

/** @param {string} text */
const cut = (text) => (text.length > MAX_SOURCE_LENGTH ? `${text.slice(0, MAX_SOURCE_LENGTH)}\n… cut` : text);

/** @param {MailView} mail */
const source = (mail) => {
  const pre = el('pre', { textContent: 'Loading…' });
  fetch(`/_local/inbox/${mail.id}/source`)
    .then((answer) => answer.text())
    .then((text) => {
      pre.textContent = cut(text);
    });
  return pre;
};

/**
 * Chooses the tabs of a mail by what it has.
 * @param {MailView} mail
 * @returns {readonly Tab[]}
 */
const tabsOf = (mail) => {
  const { html, text, links, pixel, headers, attachments } = mail;
  /** @type {Tab[]} */
  const tabs = [];
  if (html !== undefined) tabs.push(['HTML', () => frame(html)]);
  if (text !== undefined) tabs.push(['Text', () => el('pre', { textContent: text })]);
  if (links.length > 0 || pixel) tabs.push([`Links (${links.length})`, () => linkList(mail)]);
  tabs.push(['Headers', () => pairs(headers.map(({ name, value }) => [name, value]))]);
  if (attachments.length > 0) tabs.push([`Attachments (${attachments.length})`, () => attachmentList(mail)]);
  tabs.push(['Source', () => source(mail)]);
  return tabs;
};

/**
 * Facts above a mail's tabs.
 * @param {MailView} mail
 * @returns {readonly (readonly [name: string, value: string])[]}
 */
const factsOf = (mail) => {
  /** @type {readonly (readonly [string, string | undefined])[]} */
  const optional = [
    ['Configuration set', mail.configurationSet],
    ['Pool', mail.pool],
    ['Tenant', mail.tenant],
    ['Problem', mail.problem],
  ];
  return [
    ['From', mail.from],
    ['To', mail.to.join(', ')],
    ['Received', new Date(mail.receivedAt).toLocaleString()],
    ['Bounces to', mail.mailFrom],
    ...optional.flatMap(([name, value]) => (value ? [/** @type {const} */ ([name, value])] : [])),
  ];
};

/**
 * Makes the bar of the tabs; choosing one fills the pane.
 * @param {readonly Tab[]} tabs
 * @param {HTMLElement} pane
 */
const tabBar = (tabs, pane) => {
  const buttons = tabs.map(([name, make]) => {
    const choose = () => {
      for (const other of buttons) other.setAttribute('aria-selected', String(other === button));
      pane.replaceChildren(make());
    };
    const button = el('button', { type: 'button', textContent: name, onclick: choose });
    button.setAttribute('role', 'tab');
    return button;
  });
  const nav = el('nav', {}, ...buttons);
  nav.setAttribute('role', 'tablist');
  buttons[0]?.click();
  return nav;
};

/** @param {MailView} mail */
const showMail = (mail) => {
  const pane = el('div', { id: 'pane' });
  const heading = el('h2', { textContent: subjectOf(mail) });
  const top = el('div', { className: 'top' }, heading, pairs(factsOf(mail)));
  $('mail').replaceChildren(top, tabBar(tabsOf(mail), pane), pane);
};

/** @param {string} id */
const open = async (id) => {
  picked = id;
  markPicked();
  const answer = await fetch(`/_local/inbox/${id}`);
  if (picked !== id) return;
  if (answer.ok) showMail(await answer.json());
  else showHint('This mail is no longer kept.');
};

const refresh = async () => {
  try {
    /** @type {MailList} */
    const list = await (await fetch('/_local/inbox/summary')).json();
    if (list.revision !== revision) showList(list);
    revision = list.revision;
  } catch {
    $('note').textContent = `${product} does not answer`;
    revision = undefined;
  }
  setTimeout(refresh, REFRESH_MS);
};

refresh();
