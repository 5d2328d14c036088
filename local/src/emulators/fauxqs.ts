import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import type { Hop } from './http-hop.ts';
import { createInProcessHop } from './in-process-hop.ts';
import { acceptLoopbackOnly } from './loopback-only.ts';

/** The emulator of SQS and S3, which are one server. */
export interface Fauxqs {
  readonly server: FauxqsServer;
  readonly hop: Hop;
  close(): Promise<void>;
}

/** Starts the emulator on a free port of 127.0.0.1. Without a data folder it has the memory of one run. */
export async function openFauxqs(dataDir?: string): Promise<Fauxqs> {
  const storage = dataDir === undefined ? {} : { dataDir: join(dataDir, 'fauxqs') };
  const { server, listener } = await withListener(() =>
    startFauxqs({ port: 0, host: '127.0.0.1', logger: false, ...storage }),
  );
  const stopWatching = acceptLoopbackOnly(server.port);
  return {
    server,
    hop: createInProcessHop(listener),
    close: async () => {
      stopWatching();
      await server.stop();
    },
  };
}

const LISTENING = 'tracing:net.server.listen:asyncStart';

/** The emulator keeps its HTTP server to itself; Node tells of every server that begins to listen. */
async function withListener(start: () => Promise<FauxqsServer>) {
  const listeners = new Set<Server>();
  const note = (message: unknown) => void listeners.add((message as { server: Server }).server);
  subscribe(LISTENING, note);
  try {
    const server = await start();
    const listener = [...listeners].find((each) => portOf(each) === server.port);
    if (!listener) throw new Error('The emulator of SQS and S3 has no HTTP server');
    return { server, listener };
  } finally {
    unsubscribe(LISTENING, note);
  }
}

function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}
