/** What shipping needs from outside: a carrier to hand parcels to. */
import { DEVELOPMENT } from '../../config/environment.js';
import { url, words } from '../../config/variable.js';
import { compose } from '../../shared/actors/composition.js';
import { IdempotentApi } from '../../shared/http/idempotent-api.js';
import { Carrier } from './carrier.js';
import { HttpCarrier } from './http-carrier.js';

export const composition = compose({
  variables: {
    carrierUrl: url({ names: ['CARRIER_URL'], meaning: 'HTTP API of the carrier' }, ['https', 'http']),
    carrierApiKey: words({
      names: ['CARRIER_API_KEY'],
      meaning: 'our key at the carrier',
      developmentOnly: DEVELOPMENT.providerKey,
    }),
  },
  register(container, { carrierUrl, carrierApiKey }, closing) {
    const api = new IdempotentApi({ name: 'carrier', url: carrierUrl, apiKey: carrierApiKey });
    container.registerInstance<Carrier>(Carrier, new HttpCarrier(api));
    closing(() => api.close());
  },
});
