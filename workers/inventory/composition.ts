/** What inventory is told: for how long it sets stock aside. */
import { wholeNumber } from '../../config/variable.js';
import { compose } from '../../shared/actors/composition.js';
import { ReservationLimit } from './reservation-limit.js';

const WEEK_S = 7 * 24 * 3600;

export const composition = compose({
  variables: {
    reservationExpiryS: wholeNumber(
      {
        names: ['RESERVATION_EXPIRY_S'],
        fallback: '5400',
        meaning: 'for how long stock is set aside for an order that is not confirmed, in seconds',
      },
      1,
      WEEK_S,
    ),
  },
  register(container, { reservationExpiryS }) {
    container.registerInstance<ReservationLimit>(ReservationLimit, { keptForMs: reservationExpiryS * 1000 });
  },
});
