import { once } from 'node:events';
import { createServer } from 'node:net';

/** Throws, saying what to do, where another process listens on the port of 127.0.0.1. */
export async function assertPortFree(port: number): Promise<void> {
  try {
    await probe(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new Error(
        `Port ${port} is in use. Stop what listens there, or choose another: PORT=${port + 1} npm start`,
      );
    if ((error as NodeJS.ErrnoException).code === 'EACCES')
      throw new Error(`Port ${port} needs privileges. Choose one above 1023: PORT=3000 npm start`);
    throw error;
  }
}

async function probe(port: number): Promise<void> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
