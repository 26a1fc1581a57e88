import { expect } from 'chai';
import { preferencesOf } from './preferences.js';

describe('Prefer', () => {
  const read = (header: string | string[] | undefined): Record<string, string> =>
    Object.fromEntries(preferencesOf(header));

  it('has several preferences in one header or in several', () => {
    const both = { 'respond-async': '', wait: '10' };
    expect(read('respond-async, wait=10')).to.deep.equal(both);
    expect(read(['respond-async', 'wait=10'])).to.deep.equal(both);
    expect(read(' respond-async ,,\twait = 10 ,')).to.deep.equal(both);
    expect(read(undefined)).to.deep.equal({});
    expect(read('')).to.deep.equal({});
  });

  it('has names in whatever case, and values in quotes or none', () => {
    expect(read('WAIT="10", Respond-Async, Return=Minimal, lenient=')).to.deep.equal({
      wait: '10',
      'respond-async': '',
      return: 'Minimal',
      lenient: '',
    });
    expect(read('say="a, \\"b\\"; c", wait=1')).to.deep.equal({ say: 'a, "b"; c', wait: '1' });
  });

  it('goes by the first of a name, however wrong its value', () => {
    expect(read('wait=soon, Wait=5')).to.deep.equal({ wait: 'soon' });
  });

  it('may carry parameters, which are passed over', () => {
    expect(read('wait=10; of="a, b"; x, respond-async;q')).to.deep.equal({ wait: '10', 'respond-async': '' });
  });

  it('is heeded as far as it can be read', () => {
    expect(read('=5, a b, wait=1 2, "wait=3", respond-async')).to.deep.equal({ 'respond-async': '' });
    expect(read('wait="5')).to.deep.equal({});
    expect(read('x'.repeat(2000))).to.deep.equal({});
  });
});
