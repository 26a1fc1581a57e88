/** Processes of the fleet die, halt, and are rolled. */
import { type Fault, nothingToHeal, oneOf } from '../fault.js';

const killed: Fault = {
  name: 'process-killed',
  what: 'one process is killed',
  touches: ['processes'],
  weight: 3,
  lastsMs: [0, 0],
  async inject({ fleet }, chance) {
    const victim = oneOf(fleet.processes, chance('who'));
    victim.kill();
    return { victim: victim.name, heal: () => victim.ready() };
  },
};

const allKilled: Fault = {
  name: 'worker-killed',
  what: 'all processes of one worker, or of web, are killed at once',
  touches: ['processes'],
  weight: 1,
  lastsMs: [0, 0],
  async inject({ fleet }, chance) {
    const victim = oneOf(fleet.parts, chance('who'));
    const processes = fleet.of(victim);
    for (const one of processes) one.kill();
    return {
      victim,
      async heal() {
        await Promise.all(processes.map((one) => one.ready()));
      },
    };
  },
};

/** Longer than the broker waits for a heartbeat: what it held is delivered to another, and then it goes on. */
const stopped: Fault = {
  name: 'process-stopped',
  what: 'one process is halted, longer than the broker waits for it, and then goes on',
  touches: ['processes'],
  weight: 2,
  lastsMs: [5000, 40_000],
  async inject({ fleet }, chance) {
    const victim = oneOf(fleet.processes, chance('who'));
    victim.freeze();
    return { victim: victim.name, heal: async () => victim.thaw() };
  },
};

const restarted: Fault = {
  name: 'process-restarted',
  what: 'one process is stopped in order and started again',
  touches: ['processes'],
  weight: 1,
  lastsMs: [0, 0],
  isUnnoticed: true,
  async inject({ fleet }, chance) {
    const victim = oneOf(fleet.processes, chance('who'));
    await victim.restart();
    return { victim: victim.name, heal: nothingToHeal };
  },
};

const HOUR_MS = 3_600_000;
/** Long enough for it to be in the middle of its work when the clock steps. */
const WRONG_FOR_MS = 15_000;

const wrongClock: Fault = {
  name: 'clock-wrong',
  what: 'one process is started again with its clock an hour ahead or behind, which then steps to the right time',
  touches: ['processes'],
  weight: 2,
  lastsMs: [WRONG_FOR_MS, WRONG_FOR_MS],
  isUnnoticed: true,
  async inject({ fleet }, chance) {
    const victim = oneOf(fleet.processes, chance('who'));
    const aheadMs = oneOf([HOUR_MS, -HOUR_MS], chance('which way'));
    await victim.restart({ aheadMs, forMs: WRONG_FOR_MS });
    return { victim: `${victim.name} ${aheadMs > 0 ? 'ahead' : 'behind'}`, heal: nothingToHeal };
  },
};

const rolling: Fault = {
  name: 'rolling',
  what: 'every process in turn is stopped in order and started again, as a release does',
  touches: ['processes'],
  weight: 0,
  lastsMs: [0, 0],
  isUnnoticed: true,
  async inject({ fleet }) {
    for (const one of fleet.processes) await one.restart();
    return { victim: `${fleet.processes.length} processes`, heal: nothingToHeal };
  },
};

export const processFaults: readonly Fault[] = [killed, allKilled, stopped, restarted, wrongClock, rolling];
