/** What the scheduler is told: how long what only grows is kept. */
import { wholeNumber } from '../../config/variable.js';
import { compose } from '../../shared/actors/composition.js';
import { Retention } from './retention.js';

const TEN_YEARS = 3660;

export const composition = compose({
  variables: {
    eventLogDays: wholeNumber(
      {
        names: ['EVENT_LOG_DAYS'],
        fallback: '400',
        meaning: 'days that messages are kept in the event log, which timelines and replays read',
      },
      7,
      TEN_YEARS,
    ),
    inboxDays: wholeNumber(
      {
        names: ['INBOX_DAYS'],
        fallback: '60',
        meaning: 'days that the inbox knows a message again; a copy that comes later is handled once more',
      },
      7,
      TEN_YEARS,
    ),
  },
  register(container, { eventLogDays, inboxDays }) {
    container.registerInstance<Retention>(Retention, { eventLogDays, inboxDays });
  },
});
