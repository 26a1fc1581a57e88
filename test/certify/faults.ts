/** Makes the sandbox fail, or stop failing: a share of the requests to the provider, a share of the mails. */
import type { Deployment } from '../support/deployment.js';

export async function setFaults(
  { providerUrl, sinkUrl }: Deployment,
  { errorRate, rejectRate }: { readonly errorRate: number; readonly rejectRate: number },
): Promise<void> {
  await put(`${providerUrl}/settings`, { errorRate });
  await put(`${sinkUrl}/settings`, { rejectRate });
}

async function put(url: string, settings: object): Promise<void> {
  const response = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });
  if (!response.ok) throw new Error(`PUT ${url}: ${response.status} ${await response.text()}`);
}
