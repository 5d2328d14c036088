import { AsyncLocalStorage } from 'node:async_hooks';
import http from 'node:http';
import https from 'node:https';

/**
 * Note of whether the connection of one request has come about: before that, nothing of the request has left
 * this machine.
 */
interface ConnectionWatch {
  isConnected: boolean;
}

/**
 * Agents for SES that say, for each request, whether a connection stood. A socket serves one request: one that was kept
 * while Lambda froze the function is dead more often than not, and a request lost on it looks like a mail that may have
 * been sent. A batch gains nothing from keeping sockets, its mails go out side by side. No limit on sockets, so that
 * each is opened by the request that it is for.
 */
export function createSesAgents() {
  const watches = new AsyncLocalStorage<ConnectionWatch>();
  const options = { keepAlive: false, maxSockets: Number.POSITIVE_INFINITY };
  return {
    /** Runs one request, and notes in `watch` when its connection stands. */
    watch: <T>(watch: ConnectionWatch, request: () => Promise<T>): Promise<T> => watches.run(watch, request),
    httpAgent: watched(new http.Agent(options), watches, 'connect'),
    httpsAgent: watched(new https.Agent(options), watches, 'secureConnect'),
  };
}

function watched<Agent extends http.Agent>(
  agent: Agent,
  watches: AsyncLocalStorage<ConnectionWatch>,
  established: 'connect' | 'secureConnect',
): Agent {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    const watch = watches.getStore();
    socket?.once(established, () => {
      if (watch !== undefined) watch.isConnected = true;
    });
    return socket;
  };
  return agent;
}
