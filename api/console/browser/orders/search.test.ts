import { expect } from 'chai';
import { traceIdOf } from '../../../../shared/messaging/trace-context.js';
import { searchOf } from './search.js';

describe('what is looked for among orders', () => {
  const id = '0199fdae-bab7-75aa-9b14-fc707aeff401';

  it('is an order, by its id or by the id of its trace', () => {
    for (const text of [id, ` ${id.toUpperCase()} `, traceIdOf(id)])
      expect(searchOf(text)).to.deep.equal({ by: 'order', id });
  });

  it('is an e-mail address or a reference, or nothing', () => {
    expect(searchOf('ada@example.com')).to.deep.equal({ by: 'email', text: 'ada@example.com' });
    expect(searchOf('web-1001')).to.deep.equal({ by: 'reference', text: 'web-1001' });
    expect(searchOf('  ')).to.equal(undefined);
  });
});
