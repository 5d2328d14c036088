import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, test } from 'node:test';
import dynalite from 'dynalite';
import { acceptLoopbackOnly } from '../../src/emulators/loopback-only.ts';

describe('the port of the queues', () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

  test('the port of the queues gives nothing to a caller that does not come over loopback', {
    skip: outside === undefined && 'this machine has only loopback',
  }, async () => {
    const server = dynalite({});
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const stop = acceptLoopbackOnly(port);
    const answerTo = async (host: string) => {
      const socket = createConnection({ host, port });
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      let answer = '';
      socket.on('data', (chunk) => {
        answer += String(chunk);
      });
      socket.on('error', () => {});
      await once(socket, 'close');
      return answer;
    };

    assert.match(await answerTo('127.0.0.1'), /healthy/);
    assert.equal(await answerTo(outside ?? ''), '');
    stop();
    assert.match(await answerTo(outside ?? ''), /healthy/);
    server.close();
  });
});
