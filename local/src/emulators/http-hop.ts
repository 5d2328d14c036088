import { Agent, request as httpRequest } from 'node:http';

export interface HopRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HopResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Connections to one emulator, kept open: the gateway makes some eight calls for every mail. */
export interface Hop {
  send(request: HopRequest): Promise<HopResponse>;
  close(): void;
}

export function createHop(endpoint: string): Hop {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const { hostname, port } = new URL(endpoint);

  return {
    close: () => agent.destroy(),
    send: ({ method, path, headers, body }) =>
      new Promise((resolve, reject) => {
        const hopHeaders = { ...headers, host: `${hostname}:${port}`, 'content-length': String(body.length) };
        const outgoing = httpRequest(
          { agent, hostname, port, method, path, headers: hopHeaders },
          (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
            incoming.on('error', reject);
            incoming.on('end', () =>
              resolve({
                status: incoming.statusCode ?? 500,
                headers: flatten(incoming.headers),
                body: Buffer.concat(chunks),
              }),
            );
          },
        );
        outgoing.on('error', reject);
        // As a string a small body leaves in one piece with its headers.
        if (body.length < 65_536) outgoing.end(body.toString('latin1'), 'latin1');
        else outgoing.end(body);
      }),
  };
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const present = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, [value].flat().join(', ')]));
}
