/** What payment needs from outside: a provider to talk to. */
import { DEVELOPMENT } from '../../config/environment.js';
import { url, words } from '../../config/variable.js';
import { compose } from '../../shared/actors/composition.js';
import { IdempotentApi } from '../../shared/http/idempotent-api.js';
import { Provider } from '../../shared/providers/provider.js';
import { providerVariables } from '../../shared/providers/variables.js';
import { HttpPaymentGateway } from './http-payment-gateway.js';
import { PaymentGateway } from './payment-gateway.js';

export const composition = compose({
  variables: {
    url: url({ names: ['PAYMENT_URL'], meaning: 'HTTP API of the payment provider' }, ['https', 'http']),
    apiKey: words({
      names: ['PAYMENT_API_KEY'],
      meaning: 'our key at the payment provider',
      developmentOnly: DEVELOPMENT.providerKey,
    }),
    ...providerVariables('PAYMENT', 'payment provider', 50),
  },
  register(container, settings, closing, dependsOn) {
    const provider = new Provider({ name: 'payment provider', ...settings });
    dependsOn(provider);
    const api = new IdempotentApi({ name: 'payment', ...settings, provider });
    container.registerInstance<PaymentGateway>(PaymentGateway, new HttpPaymentGateway(api));
    closing(() => api.close());
  },
});
