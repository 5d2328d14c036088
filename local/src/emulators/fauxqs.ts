import { join } from 'node:path';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { createHop, type Hop } from './http-hop.ts';
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
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, ...storage });
  const stopWatching = acceptLoopbackOnly(server.port);
  const hop = createHop(`http://127.0.0.1:${server.port}`);
  return {
    server,
    hop,
    close: async () => {
      stopWatching();
      hop.close();
      await server.stop();
    },
  };
}
