import { portsOfStart, serverUrlsOfStart } from './fleet/of-start.mjs';
import { launch } from './launch.mjs';

/** Computes every invariant, by default of the fleet of `npm start`: see `npm run audit -- --help`. */

/** What the sandbox provider knows us by. */
const SANDBOX_KEY = 'sandbox-provider-key';

await launch('scripts/audit.js', { before: async () => ({ ...(await serverUrlsOfStart()), ...sandboxUrls() }) });

/** Where the sandbox of `npm start` listens, when it is not another database that is audited. */
function sandboxUrls() {
  const ports = portsOfStart();
  if (process.env.DATABASE_URL || !ports) return {};
  const provider = `http://127.0.0.1:${ports.provider}`;
  return {
    PAYMENT_URL: provider,
    CARRIER_URL: provider,
    PAYMENT_API_KEY: SANDBOX_KEY,
    CARRIER_API_KEY: SANDBOX_KEY,
    MAIL_SINK_URL: `http://127.0.0.1:${ports['mail-sink']}`,
  };
}
