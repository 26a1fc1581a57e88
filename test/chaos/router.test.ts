import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { freePorts } from '../support/free-ports.js';
import { type Backend, Router } from './router.js';

describe('the router of a chaos run', () => {
  const servers: Server[] = [];
  let router: Router | undefined;

  afterEach(async () => {
    await router?.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function backend(listener: RequestListener, isLeaving = false): Promise<Backend> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    // A listening TCP server's address is an AddressInfo.
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, isLeaving };
  }

  const nobody = async (): Promise<Backend> => ({
    url: `http://127.0.0.1:${(await freePorts(1))[0]}`,
    isLeaving: false,
  });

  it('passes over a process that takes no connection, without a request lost', async () => {
    const answering = await backend((request, response) => void request.pipe(response.writeHead(202)));
    router = await Router.start([await nobody(), answering]);
    for (let count = 0; count < 4; count++) {
      const response = await fetch(router.url, { method: 'POST', body: `order ${count}` });
      expect([response.status, await response.text()]).to.deep.equal([202, `order ${count}`]);
    }
  });

  it('passes over a process that was told to stop, though it still answers', async () => {
    const leaving = await backend((_request, response) => void response.writeHead(500).end(), true);
    const staying = await backend((_request, response) => void response.writeHead(202).end());
    router = await Router.start([leaving, staying]);
    for (let count = 0; count < 4; count++) expect((await fetch(router.url)).status).to.equal(202);
  });

  it('repeats no request that a process may have carried out', async () => {
    let asked = 0;
    const dying = await backend((request) => {
      asked += 1;
      request.socket.destroy();
    });
    router = await Router.start([dying, dying]);
    const response = await fetch(router.url, { method: 'POST', body: 'order' });
    expect([response.status, asked]).to.deep.equal([502, 1]);
  });

  it('asks to come again later when no process takes a connection', async () => {
    router = await Router.start([await nobody(), await nobody()]);
    const response = await fetch(router.url, { method: 'POST', body: 'order' });
    expect([response.status, response.headers.get('retry-after')]).to.deep.equal([503, '1']);
  });
});
