import { expect } from 'chai';
import { networkOf } from './network.js';

describe('the network of an address', () => {
  it('is an IPv4 address itself, however a socket shows it', () => {
    expect(networkOf('192.0.2.7')).to.equal('192.0.2.7');
    expect(networkOf('::ffff:192.0.2.7')).to.equal('192.0.2.7');
  });

  it('is the /64 of an IPv6 address, however it is written', () => {
    for (const address of [
      '2001:db8:0:7:1:2:3:4',
      '2001:DB8::7:ffff:2:3:4',
      '2001:0db8:0000:0007::',
      '2001:db8:0:7::9%eth0',
      '2001:db8:0:7::192.0.2.7',
    ])
      expect(networkOf(address), address).to.equal('2001:db8:0:7::/64');
    expect(networkOf('::1')).to.equal('0:0:0:0::/64');
    expect(networkOf('2001:db8:0:8::1')).not.to.equal(networkOf('2001:db8:0:7::1'));
  });

  it('is the same for whatever is no address, and never long', () => {
    for (const text of ['x'.repeat(9000), '1:2', `::ffff:${'x'.repeat(9000)}`, ':'.repeat(500)])
      expect(networkOf(text)).to.equal('unknown');
  });
});
