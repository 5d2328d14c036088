import { invalidField, notFound } from '../../../shared/base/contract/errors.ts';
import { listObject } from '../../../shared/base/contract/page.ts';
import { dayOf } from '../../../shared/base/days.ts';
import type { Clock } from '../../../shared/base/ports.ts';
import type { PaceStore } from '../../../shared/pace/ports.ts';
import { totalOf } from '../../../shared/reputation/guard.ts';
import type { Reputations } from '../../../shared/reputation/ports.ts';
import { streamSubject } from '../../../shared/reputation/services/sending-guard.ts';
import type { StreamStates } from '../../../shared/streams/ports.ts';
import type { Streams } from '../../../shared/streams/stream.ts';
import type { StreamSettings } from '../../../shared/streams/stream-settings.ts';
import type { WarmUpLedger } from '../../../shared/warm-up/ports.ts';
import { startThatMakesToday } from '../../../shared/warm-up/warm-up.ts';
import { type Answer, type ApiRoute, type Call, ok, param, readFields } from '../call.ts';
import { readPauseStatus, setPauseStatus } from './pause.ts';
import { streamItem, streamObject } from './stream-object.ts';

interface StreamDeps {
  readonly streams: Streams;
  readonly streamStates: Pick<StreamStates, 'get' | 'pause' | 'resume' | 'startWarmUp'>;
  readonly ledger: Pick<WarmUpLedger, 'read'>;
  readonly reputations: Pick<Reputations, 'get' | 'restart'>;
  readonly pace: Pick<PaceStore, 'read'>;
  readonly clock: Clock;
}

/** Longer than any plan: a later day sends what the last one does. */
const MAX_WARM_UP_DAY = 1000;

/** Streams are declared in postlane.config.ts; here they are looked at, paused and resumed. */
export function streamRoutes(deps: StreamDeps): readonly ApiRoute[] {
  return [
    { method: 'GET', pattern: '/streams', handler: listStreams(deps) },
    { method: 'GET', pattern: '/streams/{name}', handler: showStream(deps) },
    { method: 'PATCH', pattern: '/streams/{name}', handler: changeStream(deps) },
  ];
}

function listStreams({ streams, streamStates }: StreamDeps): Answer {
  return async () => {
    const items = await Promise.all(
      streams.all.map(async (settings) => streamItem(settings, await streamStates.get(settings.name))),
    );
    return ok(listObject(items, false));
  };
}

function showStream(deps: StreamDeps): Answer {
  return async (call) => ok(await describe(requireStream(call, deps), deps));
}

function changeStream(deps: StreamDeps): Answer {
  return async (call) => {
    const settings = requireStream(call, deps);
    const fields = readFields(call.body);
    const status = readPauseStatus(fields.status);
    const day = readDay(fields.warm_up_day, settings);
    if (status === undefined && day === undefined) {
      throw invalidField('Nothing to change: give `status`, `warm_up_day` or both.');
    }
    if (day !== undefined) await setWarmUpDay(settings, day, deps);
    const { name } = settings;
    const paused = { name, subject: streamSubject(name), pauses: deps.streamStates };
    if (status !== undefined) await setPauseStatus(paused, status, call.claims.apiKeyId, deps);
    return ok(await describe(settings, deps));
  };
}

async function describe(settings: StreamSettings, deps: StreamDeps) {
  const { streamStates, ledger, reputations, pace, clock } = deps;
  const nowEpochMs = clock.nowEpochMs();
  const [state, counts, window, { providers }] = await Promise.all([
    streamStates.get(settings.name),
    ledger.read(settings.name, dayOf(nowEpochMs)),
    reputations.get(streamSubject(settings.name)),
    pace.read(),
  ]);
  return streamObject(settings, state, { counts, reputation: totalOf(window), providers }, nowEpochMs);
}

function requireStream(call: Call, { streams }: StreamDeps): StreamSettings {
  const found = streams.find(param(call, 'name'));
  if (found !== undefined) return found;
  throw notFound(`Stream not found. There are: ${streams.all.map(({ name }) => name).join(', ')}.`);
}

function readDay(value: unknown, { name, warmUp }: StreamSettings): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (warmUp === undefined) {
    throw invalidField(`The \`warm_up_day\` field is for streams with a warm-up plan; \`${name}\` has none.`);
  }
  const isDay =
    typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_WARM_UP_DAY;
  if (isDay) return value;
  throw invalidField(`The \`warm_up_day\` field must be a whole number from 1 to ${MAX_WARM_UP_DAY}.`);
}

function setWarmUpDay({ name }: StreamSettings, day: number, { streamStates, clock }: StreamDeps) {
  return streamStates.startWarmUp(name, startThatMakesToday(day, clock.nowEpochMs()), {
    unlessStarted: false,
  });
}
