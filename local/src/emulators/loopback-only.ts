import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

/**
 * Cuts every connection to the port that does not come from this machine, before a byte of it is read: fauxqs listens
 * on all interfaces and asks no caller who it is. Gives a function that ends the watch.
 */
export function acceptLoopbackOnly(port: number): () => void {
  const refuseOthers = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    if (socket.localPort === port && !LOOPBACK.test(socket.remoteAddress ?? '')) socket.destroy();
  };
  subscribe('net.server.socket', refuseOthers);
  return () => void unsubscribe('net.server.socket', refuseOthers);
}
