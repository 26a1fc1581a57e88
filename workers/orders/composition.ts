/** What orders is told: by when an order has to be confirmed and shipped. */
import { paymentDeadlineS } from '../../config/process-variables.js';
import { wholeNumber } from '../../config/variable.js';
import { compose } from '../../shared/actors/composition.js';
import { Deadlines } from './deadlines.js';

const WEEK_S = 7 * 24 * 3600;

export const composition = compose({
  variables: {
    paymentDeadlineS,
    confirmationDeadlineS: wholeNumber(
      {
        names: ['CONFIRMATION_DEADLINE_S'],
        fallback: '3600',
        meaning:
          'an order that is not confirmed so long after it was placed is cancelled, in seconds; not before PAYMENT_DEADLINE_S',
      },
      1,
      WEEK_S,
    ),
    shippingDeadlineS: wholeNumber(
      {
        names: ['SHIPPING_DEADLINE_S'],
        fallback: '604800',
        meaning: 'an order that is not shipped so long after it was confirmed is cancelled, in seconds',
      },
      1,
      52 * WEEK_S,
    ),
  },
  register(container, { paymentDeadlineS, confirmationDeadlineS, shippingDeadlineS }) {
    container.registerInstance<Deadlines>(Deadlines, {
      confirmedAfterMs: Math.max(0, confirmationDeadlineS - paymentDeadlineS) * 1000,
      shippedAfterMs: shippingDeadlineS * 1000,
    });
  },
});
