import { Provider } from '../../shared/providers/provider.js';

/** A provider whose circuit stays closed, for tests of what is said to it. */
export const sturdyProvider = (): Provider => new Provider({ name: 'provider', failures: 1_000_000, openMs: 1 });
