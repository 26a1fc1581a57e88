/**
 * Loaded before everything else by a process whose clock is to be wrong: it is ahead by CLOCK_AHEAD_MS (behind, if that is
 * negative), and steps to the right time after CLOCK_WRONG_FOR_MS. What counts time that has passed is not concerned, as on a
 * real machine.
 */

const aheadMs = Number(process.env['CLOCK_AHEAD_MS']);
const rightFrom = performance.now() + Number(process.env['CLOCK_WRONG_FOR_MS']);
const RightDate = Date;

class WrongDate extends RightDate {
  constructor(...given: ConstructorParameters<typeof RightDate> | []) {
    if (given.length === 0) super(WrongDate.now());
    else super(...given);
  }

  static override now(): number {
    return RightDate.now() + (performance.now() < rightFrom ? aheadMs : 0);
  }
}

// Only calling Date without `new`, which nobody does, is not provided for.
globalThis.Date = WrongDate as DateConstructor;
