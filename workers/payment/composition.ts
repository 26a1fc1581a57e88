/** What payment needs from outside: a provider to talk to. */
import { DEVELOPMENT } from '../../config/environment.js';
import { url, words } from '../../config/variable.js';
import { compose } from '../../shared/actors/composition.js';
import { IdempotentApi } from '../../shared/http/idempotent-api.js';
import { HttpPaymentGateway } from './http-payment-gateway.js';
import { PaymentGateway } from './payment-gateway.js';

export const composition = compose({
  variables: {
    paymentUrl: url({ names: ['PAYMENT_URL'], meaning: 'HTTP API of the payment provider' }, ['https', 'http']),
    paymentApiKey: words({
      names: ['PAYMENT_API_KEY'],
      meaning: 'our key at the payment provider',
      developmentOnly: DEVELOPMENT.providerKey,
    }),
  },
  register(container, { paymentUrl, paymentApiKey }, closing) {
    const api = new IdempotentApi({ name: 'payment', url: paymentUrl, apiKey: paymentApiKey });
    container.registerInstance<PaymentGateway>(PaymentGateway, new HttpPaymentGateway(api));
    closing(() => api.close());
  },
});
