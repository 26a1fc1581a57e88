/** What shipping needs from outside: a carrier to hand parcels to. */
import { DEVELOPMENT } from '../../config/environment.js';
import { url, words } from '../../config/variable.js';
import { compose } from '../../shared/actors/composition.js';
import { IdempotentApi } from '../../shared/http/idempotent-api.js';
import { Provider } from '../../shared/providers/provider.js';
import { providerVariables } from '../../shared/providers/variables.js';
import { Carrier } from './carrier.js';
import { HttpCarrier } from './http-carrier.js';

export const composition = compose({
  variables: {
    url: url({ names: ['CARRIER_URL'], meaning: 'HTTP API of the carrier' }, ['https', 'http']),
    apiKey: words({
      names: ['CARRIER_API_KEY'],
      meaning: 'our key at the carrier',
      developmentOnly: DEVELOPMENT.providerKey,
    }),
    ...providerVariables('CARRIER', 'carrier', 50),
  },
  register(container, settings, closing, dependsOn) {
    const provider = new Provider({ name: 'carrier', ...settings });
    dependsOn(provider);
    const api = new IdempotentApi({ name: 'carrier', ...settings, provider });
    container.registerInstance<Carrier>(Carrier, new HttpCarrier(api));
    closing(() => api.close());
  },
});
