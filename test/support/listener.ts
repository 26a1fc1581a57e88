/** An actor that only listens: what the topology needs to know of one. */
import type { ActorDefinition } from '../../shared/actors/definition.js';
import type { Contract } from '../../shared/messaging/contract.js';

export const listener = (name: string, contract: Contract): ActorDefinition => ({
  name,
  states: {},
  single: true,
  prefetch: 1,
  concurrency: 1,
  maxAttempts: 1,
  effectTimeoutMs: 1,
  lingerMs: 1,
  alwaysLingers: false,
  handlers: new Map([
    [
      contract.name,
      { kind: 'decision', contract, method: 'hear', keys: {}, persons: false, storedOrder: false, step: '' },
    ],
  ]),
});
