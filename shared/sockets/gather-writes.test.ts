import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { gatheringSocket } from './gather-writes.js';

describe('a socket that gathers its writes', () => {
  let server: Server;

  beforeEach(async () => {
    server = createServer((peer) => peer.pipe(peer));
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });

  afterEach(() => {
    server.close();
  });

  it('sends what is written in one tick at once, though it was made before it was connected', async () => {
    const socket = gatheringSocket();
    socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    const sent: number[] = [];
    const send = socket._writev?.bind(socket);
    socket._writev = (chunks, done) => {
      sent.push(chunks.length);
      send?.(chunks, done);
    };
    for (const text of ['one', 'two', 'three']) socket.write(text);
    expect(String((await once(socket, 'data'))[0])).to.equal('onetwothree');
    expect(sent).to.deep.equal([3]);
    socket.destroy();
  });
});
