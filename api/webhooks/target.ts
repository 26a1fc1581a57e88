/** Looks at where webhooks are to go before it is saved. At each attempt the worker looks again, at the address it connects to. */
import { type AddressRules, outsideAddresses } from '../../shared/http/outside-address.js';
import { urlFault } from '../../shared/http/outside-url.js';
import { Problem } from '../problem.js';

/** @throws {Problem} `webhook-endpoint.url-refused` */
export async function mustBeOutside(url: string, rules: AddressRules): Promise<void> {
  const fault = urlFault(url, { allowInsecure: rules.allowInside });
  if (fault !== undefined) throw refused(fault);
  // Name servers and addresses are nobody's business: whatever is wrong there is told alike.
  await outsideAddresses(new URL(url).hostname, rules).catch((cause) => {
    throw refused('has a host that is not known, or not public', cause);
  });
}

const refused = (detail: string, cause?: unknown): Problem =>
  new Problem('webhook-endpoint.url-refused', 'See "errors" for what to change.', {
    faults: [{ pointer: '/url', detail }],
    cause,
  });
