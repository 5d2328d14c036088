import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Answer, decode, encode } from 'dns-packet';

/** What is said of a name and type: values as a zone file has them (`10 mx.example` for MX), or how it goes wrong. */
type DnsSaying = readonly string[] | 'servfail' | 'silence';

/** A DNS server on UDP that knows what it is told, and of everything else that there is no such name. */
export async function startDnsServer() {
  const sayings = new Map<string, DnsSaying>();
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    const { id = 0, questions = [] } = decode(message);
    const [question] = questions;
    if (question === undefined) return;
    const key = `${question.type} ${question.name.toLowerCase()}`;
    asked.push(key);
    const saying = sayings.get(key);
    if (saying === 'silence') return;
    const answers =
      saying === undefined || saying === 'servfail' ? [] : saying.map((value) => toAnswer(key, value));
    const rcode = saying === 'servfail' ? 2 : saying === undefined ? 3 : 0;
    // Recursion desired and available, as a resolver's answer has it.
    const flags = 0x0180 | rcode;
    socket.send(encode({ type: 'response', id, flags, questions, answers }), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');

  return {
    /** `address:port` */
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    /** `type name`, such as `MX send.acme.test`. */
    say: (key: string, saying: DnsSaying) =>
      void sayings.set(
        key.replace(/\S+$/, (name) => name.toLowerCase()),
        saying,
      ),
    forget: (key: string) => void sayings.delete(key),
    close: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}

export type DnsServer = Awaited<ReturnType<typeof startDnsServer>>;

function toAnswer(key: string, value: string): Answer {
  const [type, name = ''] = key.split(' ');
  if (type === 'TXT') return { type, name, data: value };
  if (type === 'CNAME' || type === 'A' || type === 'AAAA') return { type, name, data: value };
  const [preference, exchange = ''] = value.split(' ');
  return { type: 'MX', name, data: { preference: Number(preference), exchange } };
}
