import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { refuseUnread } from './unread-request.js';

describe('a request that does not arrive in time', () => {
  it('is refused as 408, as a problem, and its connection ends', async () => {
    const server = createServer({ requestTimeout: 50, headersTimeout: 50, connectionsCheckingInterval: 10 });
    server.on('clientError', refuseUnread).listen(0, '127.0.0.1');
    await once(server, 'listening');
    // A listening TCP server's address is an AddressInfo.
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    try {
      socket.write('POST /orders HTTP/1.1\r\nHost: here\r\n');
      const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
      expect(head)
        .to.match(/^HTTP\/1\.1 408 Request Timeout\r\n/)
        .and.include('application/problem+json');
      expect(JSON.parse(body)).to.include({ status: 408, code: 'request.timeout' });
    } finally {
      socket.destroy();
      server.close();
    }
  });
});
