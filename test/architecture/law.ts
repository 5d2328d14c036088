import { posix } from 'node:path';
import { circlesIn, type Import, importsOf } from './imports.ts';
import { type Layer, placeOf } from './rooms.ts';
import type { SourceFile } from './sources.ts';

export interface Rule {
  /** The law, as a sentence. */
  readonly says: string;
  /** What breaks it, a line each. */
  readonly violations: (files: readonly SourceFile[]) => readonly string[];
}

/** Names that infra, functions and local share. */
const RESOURCES = 'shared/resources.ts';

/** What the template tells functions about streams and tenants. */
const SETTINGS_TYPES = ['shared/streams/stream-settings.ts', 'shared/streams/tenant-settings.ts'];

const LIST_PRICES = 'shared/base/list-prices.ts';

/** The one file of the local cloud that knows what it hosts. */
const LOCAL_KNOWS = 'local/postlane.ts';

/** All that rooms of events may import besides themselves: every other room is a subject, or may become one. */
const NAMES_NO_SUBJECT: Readonly<Record<string, readonly string[]>> = {
  events: ['base'],
  outbox: ['base', 'events', 'streams', 'event-log', 'webhooks'],
};

const MOST_FILES = 15;

const MAY_HAVE_MORE = ['test/journeys'];

/** What a layer may import of its own room and of the rooms below; what waits for others in `base` serves adapters too. */
const BELOW: Readonly<Record<Layer, readonly Layer[]>> = {
  rules: ['rules'],
  contract: ['rules', 'contract'],
  services: ['rules', 'contract', 'services'],
  adapters: ['rules', 'contract', 'adapters'],
};

const isWiring = (path: string): boolean => /^functions\/.*\/(handler|wire-[^/]+|wiring)\.ts$/.test(path);

const isUseCase = (path: string): boolean => path.startsWith('functions/') && !isWiring(path);

const functionOf = (path: string): string | undefined => /^functions\/([^/]+)\//.exec(path)?.[1];

const inFolder = (...folders: readonly string[]) => {
  const prefixes = folders.map((folder) => `${folder}/`);
  return (path: string): boolean => prefixes.some((prefix) => path.startsWith(prefix));
};

/** A rule about single imports: those that it is about and that it does not allow. */
const imports = (says: string, isBroken: (entry: Import) => boolean): Rule => ({
  says,
  violations: (files) =>
    importsOf(files)
      .filter(isBroken)
      .map(({ from, to }) => `${from} imports ${to}`),
});

/** A rule about what files of some folders may import of the project's own files. */
const ownImports = (
  says: string,
  isAbout: (path: string) => boolean,
  isAllowed: (to: string, from: string) => boolean,
): Rule => imports(says, ({ from, to, isOwn }) => isOwn && isAbout(from) && !isAllowed(to, from));

const isIn =
  (...layers: readonly Layer[]) =>
  (path: string): boolean => {
    const place = placeOf(path);
    return place !== undefined && layers.includes(place.layer);
  };

const isRuntime = inFolder('shared/runtime');

const isPackage = ({ to, isOwn }: Import): boolean => !isOwn && !to.startsWith('node:');

const WAITS =
  /\basync\b|\bawait\b|\.then\(|\bnew Promise\b|\bPromise\.\w+\(|\bset(Timeout|Interval|Immediate)\(/;

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');

/** The law of the house; `law.test.ts` holds the tree against it, and each rule against a planted violation. */
export const LAW = {
  everyFileHasARoom: {
    says: 'shared/ has rooms, runtime and resources.ts',
    violations: (files) =>
      files
        .map(({ path }) => path)
        .filter(inFolder('shared'))
        .filter((path) => placeOf(path) === undefined && !isRuntime(path) && path !== RESOURCES),
  },
  roomsInOrder: imports('a room imports only rooms before it', ({ from, to }) => {
    const [place, target] = [placeOf(from), placeOf(to)];
    return place !== undefined && target !== undefined && target.floor > place.floor;
  }),
  outboxNamesNoSubject: imports(
    'outbox and events name no subject: they import no room of a subject',
    ({ from, to }) => {
      const [room, target] = [placeOf(from)?.room ?? '', placeOf(to)?.room];
      const allowed = NAMES_NO_SUBJECT[room];
      return allowed !== undefined && target !== undefined && ![room, ...allowed].includes(target);
    },
  ),
  layersPointDown: imports('layers of rooms point down', ({ from, to }) => {
    const [place, target] = [placeOf(from), placeOf(to)];
    if (place === undefined || target === undefined) return false;
    const isShared = place.layer === 'adapters' && to.startsWith('shared/base/services/');
    return !isShared && !BELOW[place.layer].includes(target.layer);
  }),
  roomsStandAlone: ownImports(
    'a room imports rooms and resources.ts',
    (path) => placeOf(path) !== undefined,
    (to) => placeOf(to) !== undefined || to === RESOURCES,
  ),
  rulesNeedNoPackage: imports(
    'rules need no package, contracts only zod',
    (entry) =>
      isPackage(entry) &&
      (isIn('rules')(entry.from) || (isIn('contract')(entry.from) && !/^zod(\/|$)/.test(entry.to))),
  ),
  rulesDoNotWait: {
    says: 'rules and contracts do not wait',
    violations: (files) =>
      files
        .filter(({ path }) => isIn('rules', 'contract')(path))
        .filter(({ text }) => WAITS.test(withoutComments(text)))
        .map(({ path }) => path),
  },
  servicesNeedNoPackage: imports(
    'services reach the world through ports: they need no package',
    (entry) => isPackage(entry) && isIn('services')(entry.from),
  ),
  runtime: ownImports(
    'runtime imports rules, contracts, resources.ts and itself',
    isRuntime,
    (to) => isRuntime(to) || isIn('rules', 'contract')(to) || to === RESOURCES,
  ),
  runtimeIsForWiring: ownImports(
    'runtime is imported by wiring alone',
    (path) => !isRuntime(path) && !isWiring(path) && !inFolder('test', 'bench')(path),
    (to) => !isRuntime(to),
  ),
  useCases: ownImports(
    'a use case imports rules, contracts, services, resources.ts and its own function',
    isUseCase,
    (to, from) =>
      isIn('rules', 'contract', 'services')(to) ||
      to === RESOURCES ||
      (functionOf(to) === functionOf(from) && !isWiring(to)),
  ),
  wiring: ownImports(
    'wiring joins shared/ to its own function',
    isWiring,
    (to, from) => inFolder('shared')(to) || functionOf(to) === functionOf(from),
  ),
  infra: ownImports(
    'infra knows of shared/ resources.ts and the settings types',
    inFolder('infra'),
    (to) => inFolder('infra')(to) || [RESOURCES, ...SETTINGS_TYPES, 'postlane.config.ts'].includes(to),
  ),
  settingsAreTypes: imports(
    'infra and local know only the types of the settings',
    ({ from, to, isTypeOnly }) =>
      inFolder('infra', 'local')(from) && SETTINGS_TYPES.includes(to) && !isTypeOnly,
  ),
  local: ownImports(
    'local/ knows itself and the list prices, and Postlane in one file',
    inFolder('local/src'),
    (to) => inFolder('local/src')(to) || to === LIST_PRICES,
  ),
  localKnowsPostlane: ownImports(
    'local/postlane.ts knows resources.ts, the settings types and the SMTP door',
    (path) => path === LOCAL_KNOWS || path === 'local/start.ts',
    (to) => inFolder('local', 'smtp')(to) || [RESOURCES, ...SETTINGS_TYPES].includes(to),
  ),
  console: ownImports(
    'console/ and smtp/ import contracts and themselves',
    inFolder('console', 'smtp'),
    (to, from) => isIn('contract')(to) || to.split('/')[0] === from.split('/')[0],
  ),
  cli: ownImports(
    'cli/ imports contracts, the list prices, smtp/ and itself',
    inFolder('cli'),
    (to) => inFolder('cli', 'smtp')(to) || isIn('contract')(to) || to === LIST_PRICES,
  ),
  nothingNeedsItsTests: ownImports(
    'only test/ and bench/ import test/ and bench/',
    (path) => !inFolder('test', 'bench', 'local/test')(path),
    (to) => !inFolder('test', 'bench', 'local/test')(to),
  ),
  sdkInAdapters: imports(
    'the AWS SDK is spoken in adapters and in commands',
    ({ from, to }) =>
      /^@(aws-sdk|smithy)\//.test(to) &&
      !inFolder('test', 'bench', 'local/test', 'cli')(from) &&
      !isIn('adapters')(from),
  ),
  cdkInInfra: imports(
    'CDK is spoken in infra',
    ({ from, to }) =>
      /^(aws-cdk-lib|cdk-nag|constructs)(\/|$)/.test(to) && !inFolder('infra', 'test', 'local/test')(from),
  ),
  middyInRuntime: imports(
    'middy is spoken in runtime and handlers',
    ({ from, to }) =>
      to.startsWith('@middy/') && !isRuntime(from) && !isWiring(from) && !inFolder('test')(from),
  ),
  noCircles: {
    says: 'no files import each other in a circle',
    violations: (files) => circlesIn(importsOf(files)).map((circle) => circle.join(' ↔ ')),
  },
  smallFolders: {
    says: `no folder has more than ${MOST_FILES} files`,
    violations: (files) =>
      [...Map.groupBy(files, ({ path }) => posix.dirname(path))]
        .filter(([folder, own]) => own.length > MOST_FILES && !MAY_HAVE_MORE.includes(folder))
        .map(([folder, own]) => `${folder} has ${own.length}`),
  },
} as const satisfies Readonly<Record<string, Rule>>;
