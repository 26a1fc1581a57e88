/** Changes how the provider or the mail sink at that URL behaves, by the settings of sandbox/README.md. */
export async function setSandbox(url: string, settings: Readonly<Record<string, number>>): Promise<void> {
  const response = await fetch(`${url}/settings`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });
  if (!response.ok) throw new Error(`PUT ${url}/settings: ${response.status} ${await response.text()}`);
}
