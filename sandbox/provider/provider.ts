/** The provider as a whole: its ledger, its two APIs, and the switches and accounts for those who test with it. */
import { pipeline } from 'node:stream/promises';
import type { ProviderEnvironment } from '../environment.js';
import { FaultSettings } from '../fault-settings.js';
import { addressOf, answerJson, answerNotFound, readJson, serve } from '../http.js';
import type { Running } from '../lifecycle.js';
import { ProviderApi } from './api.js';
import { Ledger } from './ledger.js';

const LIMITS = {
  latencyMs: 600_000,
  errorRate: 1,
  slowMs: 600_000,
  errorAfterRate: 1,
  resetAfterRate: 1,
  hangAfterRate: 1,
  unavailableRate: 1,
  retryAfterS: 3_600,
};
const WELL = {
  slowMs: 2_000,
  errorAfterRate: 0,
  resetAfterRate: 0,
  hangAfterRate: 0,
  unavailableRate: 0,
  retryAfterS: 1,
};

export async function startProvider(environment: ProviderEnvironment): Promise<Running> {
  const { latencyMs, errorRate, paymentApiKey, carrierApiKey } = environment;
  const ledger = await Ledger.open(environment.directory);
  const faults = new FaultSettings(LIMITS, { ...WELL, latencyMs, errorRate });
  const api = new ProviderApi(ledger, faults, { payments: paymentApiKey, shipments: carrierApiKey });

  const server = await serve(environment.port, async (request, response) => {
    const { path, query } = addressOf(request);
    if (await api.answer(path, query, request, response)) return;
    switch (`${request.method} ${path}`) {
      case 'GET /ledger':
        await ledger.settled();
        response.writeHead(200, { 'content-type': 'application/x-ndjson' });
        // A reader that leaves early is no fault of ours.
        return pipeline(ledger.read(), response).catch(() => undefined);
      case 'GET /counts':
        return answerJson(response, 200, { ...ledger.counts(), sinceStart: api.sinceStart });
      case 'PUT /settings':
        faults.change(await readJson(request));
        return answerJson(response, 200, faults.values);
      case 'GET /settings':
        return answerJson(response, 200, faults.values);
      default:
        return answerNotFound(request, response);
    }
  });

  return {
    url: server.url,
    stop: async () => {
      await server.close();
      await ledger.close();
    },
  };
}
