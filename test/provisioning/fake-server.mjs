/**
 * A kind of server that is nothing but what a test says of it.
 * @param {Partial<import('../../scripts/provision/server.mjs').Server>} [parts]
 * @returns {import('../../scripts/provision/server.mjs').Server}
 */
export function fakeServer(parts = {}) {
  return {
    name: 'redis',
    title: 'Fake',
    variables: ['FAKE_URL', 'OTHER_FAKE_URL'],
    portNames: ['redis'],
    secretNames: ['password'],
    packages: { apt: ['fake-server'], brew: ['fake'] },
    stopSignal: 'SIGTERM',
    find: () => Promise.resolve(undefined),
    prepare: () => Promise.reject(new Error('not to be prepared')),
    answers: () => Promise.reject(new Error('does not answer')),
    urls: ({ ports, secrets }) => ({ FAKE_URL: `fake://:${secrets.password}@127.0.0.1:${ports.redis}` }),
    greet: () => Promise.resolve('1.0'),
    ...parts,
  };
}
