import { expect } from 'chai';
import { AddressRefused, isOutside, outsideAddresses } from './outside-address.js';
import { urlFault } from './outside-url.js';

describe('addresses out on the internet', () => {
  for (const address of ['93.184.216.34', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::5']) {
    it(`are such as ${address}`, () => {
      expect(isOutside(address)).to.equal(true);
    });
  }

  for (const [what, ...addresses] of [
    ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
    ['unspecified', '0.0.0.0', '0.1.2.3', '::'],
    ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1'],
    ['link-local, with the metadata of clouds', '169.254.169.254', 'fe80::1', 'fd00:ec2::254', '168.63.129.16'],
    ['shared by a provider (CGNAT)', '100.64.0.1', '100.100.100.200', '100.127.255.255'],
    ['multicast or broadcast', '224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1'],
    ['reserved, for documentation or for benchmarks', '192.0.0.8', '198.18.0.1', '203.0.113.7', '240.0.0.1'],
    ['reserved in IPv6', '2001:db8::1', '3fff::1', '100::1', 'fec0::1', '4000::1', '5f00::1', '2001:2::1'],
    ['IPv4 in the clothes of IPv6', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '::ffff:0:127.0.0.1'],
    ['NAT64, 6to4 and Teredo', '64:ff9b::7f00:1', '64:ff9b:1::7f00:1', '2002:7f00:1::', '2001:0:7f00:1::'],
    ['no addresses at all', '', 'localhost', '127.1', '0x7f000001', '2130706433'],
  ] as const) {
    it(`are none that are ${what}`, () => {
      expect(addresses.filter(isOutside)).to.deep.equal([]);
    });
  }

  const resolvingTo = (...addresses: string[]) => ({
    resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    allowInside: false,
  });

  it('are all that a name leads to, or the name is refused', async () => {
    expect(await outsideAddresses('shop.example', resolvingTo('8.8.8.8', '2606:4700::1'))).to.have.length(2);
    for (const addresses of [['127.0.0.1'], ['8.8.8.8', '10.0.0.1'], ['8.8.8.8', '::1']]) {
      const refused = await outsideAddresses('shop.example', resolvingTo(...addresses)).catch((error) => error);
      expect(refused).to.be.instanceOf(AddressRefused);
      expect(refused.message).to.equal('shop.example leads to an address that is not public');
    }
  });

  it('are asked of no name server when the host is an address', async () => {
    const neverAsked = { resolve: () => Promise.reject(new Error('asked')), allowInside: false };
    expect(await outsideAddresses('8.8.8.8', neverAsked)).to.deep.equal([{ address: '8.8.8.8', family: 4 }]);
    for (const host of ['127.0.0.1', '[::1]', '[::ffff:7f00:1]'])
      expect(await outsideAddresses(host, neverAsked).catch((error) => error)).to.be.instanceOf(AddressRefused);
  });
});

describe('URLs of others', () => {
  const strict = { allowInsecure: false };

  it('are called over https, on 443 or a port that no old service has', () => {
    for (const url of ['https://shop.example/hooks', 'https://shop.example:8443/', 'https://shop.example:443/?a=b'])
      expect(urlFault(url, strict), url).to.equal(undefined);
  });

  for (const [url, fault] of [
    ['not a url', 'is not a URL'],
    ['http://shop.example/', 'must begin with https://'],
    ['ftp://shop.example/', 'must begin with https://'],
    ['file:///etc/passwd', 'must begin with https://'],
    ['https://ada:secret@shop.example/', 'must not have a user or password in it'],
    ['https://shop.example/#part', 'must not have a fragment'],
    ['https://shop.example:25/', 'must have the port 443 or one from 1024 on'],
    ['https://shop.example:22/', 'must have the port 443 or one from 1024 on'],
  ] as const) {
    it(`are refused when one is ${url}`, () => {
      expect(urlFault(url, strict)).to.equal(fault);
    });
  }

  it('may be http on any port where that is allowed, and nothing else', () => {
    const lax = { allowInsecure: true };
    expect(urlFault('http://127.0.0.1:80/', lax)).to.equal(undefined);
    expect(urlFault('ftp://127.0.0.1/', lax)).to.equal('must begin with https://');
    expect(urlFault('http://ada@127.0.0.1/', lax)).to.equal('must not have a user or password in it');
  });
});
