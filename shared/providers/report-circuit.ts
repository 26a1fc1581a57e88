/** Tells those who run the fleet how a provider is: a metric at any time, a line when its circuit opens and when it closes. */
import type { Logger } from '../observability/log.js';
import { circuitState } from '../observability/metrics.js';
import type { Circuit, Provider } from './provider.js';

const VALUES: Readonly<Record<Circuit, number>> = { closed: 0, 'half-open': 1, open: 2 };

export function reportCircuit(provider: Provider, log: Logger): void {
  const { name } = provider;
  const state = circuitState.labels({ provider: name });
  state.set(VALUES[provider.circuit]);
  let well = true;
  provider.onChange((circuit) => {
    state.set(VALUES[circuit]);
    // A try that failed opens it again, which is no news.
    if (circuit === 'open' && well) {
      well = false;
      const nextTryInMs = Math.ceil(provider.nextTryInMs);
      log.warn(
        { provider: name, reason: provider.lastFailure, nextTryInMs },
        'circuit open: the provider fails; what needs it waits',
      );
    } else if (circuit === 'closed') {
      well = true;
      log.info({ provider: name }, 'circuit closed: the provider answers again');
    }
  });
}
