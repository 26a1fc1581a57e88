import { expect } from 'chai';
import { register } from 'prom-client';
import { failureOf } from '../../test/support/scripted-http.js';
import { until } from '../../test/support/until.js';
import type { Logger } from '../observability/log.js';
import { Provider } from './provider.js';
import { ProviderIll } from './provider-ill.js';
import { reportCircuit } from './report-circuit.js';

describe('the report on a circuit', () => {
  it('is a metric at any time, a line when it opens and one when it closes, however often it was tried between', async () => {
    const lines: string[] = [];
    const say = ({ reason = '' }: { reason?: string }, line: string) =>
      void lines.push(`${line.split(':')[0]} ${reason}`);
    const provider = new Provider({ name: 'reported', failures: 1, openMs: 5 });
    // Only these two are called.
    reportCircuit(provider, { warn: say, info: say } as unknown as Logger);
    const state = async () =>
      (await register.getSingleMetricAsString('warren_circuit_state')).split('"reported"} ')[1]?.trim();
    expect(await state()).to.equal('0');
    const ill = () => failureOf(provider.ask(() => Promise.reject(new ProviderIll('test.away', 'no answer'))));
    await ill();
    expect(await state()).to.equal('2');
    for (let tried = 0; tried < 2; tried++) {
      await until('it is tried', () => provider.circuit === 'half-open');
      expect(await state()).to.equal('1');
      await ill();
    }
    await until('it is tried', () => provider.circuit === 'half-open');
    await provider.ask(async () => 'well');
    expect(await state()).to.equal('0');
    expect(lines).to.deep.equal(['circuit open no answer', 'circuit closed ']);
  });
});
