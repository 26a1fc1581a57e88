import { expect } from 'chai';
import { fitting } from './type-pattern.js';

describe('a pattern of types', () => {
  it('fits its own name, or with a star whatever stands there', () => {
    const types = ['orders.order-placed', 'orders.order-ready', 'payment.payment-voided', 'ordersXorder-ready'];
    const that = (pattern?: string | null): string[] => types.filter(fitting(pattern));
    expect(that('orders.order-ready')).to.deep.equal(['orders.order-ready']);
    expect(that('orders.*')).to.deep.equal(['orders.order-placed', 'orders.order-ready']);
    expect(that('*-ready')).to.deep.equal(['orders.order-ready', 'ordersXorder-ready']);
    expect(that('order')).to.deep.equal([]);
    expect(that(null)).to.deep.equal(types);
    expect(that()).to.deep.equal(types);
  });
});
