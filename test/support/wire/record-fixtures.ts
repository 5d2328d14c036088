/**
 * Records what this version writes and a fixture does not have yet. One that is there is never written again: a form that
 * changes gets a new version, and its old fixture stays for as long as the old form is read.
 */
import { startDynalite } from '../aws/dynalite.ts';
import { BODIES } from './bodies.ts';
import { asJson, hasFixture, removeItems, storedItems, writeFixture } from './fixtures.ts';
import { ROWS } from './rows.ts';

const { client, stop } = await startDynalite();

for (const { name, body, parse } of BODIES.filter((kind) => !hasFixture(kind.name))) {
  writeFixture(name, { body, means: asJson(parse(body)) });
}

for (const { name, write, read } of ROWS.filter((kind) => !hasFixture(kind.name))) {
  await write(client);
  const items = await storedItems(client);
  writeFixture(name, { items, means: asJson(await read(client)) });
  await removeItems(client);
}

await stop();
