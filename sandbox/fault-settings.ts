/** The faults a sandbox process can be told to commit, settable while it runs. */
import { chanceFrom } from './chance.js';
import { InvalidRequest } from './http.js';

const MAX_SEED = 2 ** 32 - 1;

/** The greatest value each setting may take; the least is 0. */
export type Limits<Name extends string> = Readonly<Record<Name, number>>;

export class FaultSettings<Name extends string> {
  private current: Record<Name | 'seed', number>;
  private chance: () => number;

  constructor(
    private readonly limits: Limits<Name>,
    initial: Record<Name, number>,
    seed: number = Math.floor(Math.random() * MAX_SEED),
  ) {
    this.current = { ...initial, seed };
    this.chance = chanceFrom(seed);
  }

  get values(): Readonly<Record<Name | 'seed', number>> {
    return this.current;
  }

  /** The next number in [0, 1) of the seed's sequence. */
  roll(): number {
    return this.chance();
  }

  /** @throws InvalidRequest when a name is unknown or a value out of range; nothing is changed then. */
  change(body: unknown): void {
    if (typeof body !== 'object' || body === null) throw new InvalidRequest('The settings must be a JSON object.');
    const changed = { ...this.current };
    for (const [name, value] of Object.entries(body)) {
      if (!this.isName(name)) {
        throw new InvalidRequest(`There is no setting ${name}; there are ${Object.keys(this.current).join(', ')}.`);
      }
      const max = name === 'seed' ? MAX_SEED : this.limits[name];
      if (typeof value !== 'number' || !(value >= 0 && value <= max)) {
        throw new InvalidRequest(`${name} must be a number from 0 to ${max}.`);
      }
      changed[name] = value;
    }
    this.current = changed;
    if ('seed' in body) this.chance = chanceFrom(changed.seed);
  }

  private isName(name: string): name is Name | 'seed' {
    return Object.hasOwn(this.current, name);
  }
}
