/** The log is told of every alert, so that somebody can learn of it where nothing else is set. */
import type { Logger } from '../../../shared/observability/log.js';
import { RULES } from './alert.js';
import type { Receiver } from './receiver.js';

export const logReceiver = (log: Logger): Receiver => ({
  name: 'log',
  async tell({ news }) {
    for (const { status, alert } of news) {
      const { rule, subject, summary } = alert;
      const about = { rule, subject, summary };
      if (status === 'resolved') log.info(about, 'alert: over');
      else log.error({ ...about, remedy: RULES[rule].remedy }, status === 'raised' ? 'alert' : 'alert: still');
    }
  },
});
