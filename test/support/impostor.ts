/** Somebody who stands where a server should be, with a certificate. No client that verifies says a word to him. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Certificate } from './authority.js';

export interface Impostor {
  readonly port: number;
  /** What clients have told him, once they took him for the server. */
  heard(): string;
  close(): void;
}

/** @param certificate undefined: he speaks no TLS */
export async function impostor(certificate: Certificate | undefined, asked: Buffer | undefined): Promise<Impostor> {
  let heard = '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (asked === undefined) return void speak(socket);
    // PostgreSQL is asked for TLS first, and answers with one letter.
    socket.once('data', () => {
      socket.write(asked);
      speak(socket);
    });
  });
  const speak = (socket: Socket): void => {
    if (certificate === undefined) return void (asked ?? socket.write('I speak no TLS'));
    const secured = new TLSSocket(socket, { isServer: true, ...certificate });
    secured.on('error', () => undefined);
    secured.on('data', (bytes) => {
      heard += bytes.toString('latin1');
    });
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // It listens on TCP.
    port: (server.address() as AddressInfo).port,
    heard: () => heard,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
