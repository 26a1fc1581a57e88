import 'reflect-metadata';
import { expect } from 'chai';
import { webVariables } from '../config/web-variables.js';
import { loadWorkers, workerNames } from './registry.js';
import { variablesOfWorkers } from './variables.js';

describe('what a process of workers reads', () => {
  it('is nothing that web alone reads', async () => {
    const groups = variablesOfWorkers(await loadWorkers(await workerNames()));
    const names = Object.values(groups).flatMap((group) => Object.values(group).flatMap((variable) => variable.names));
    expect(names).to.include.members(['DATABASE_URL', 'PAYMENT_URL', 'EMAIL_PREFETCH']);
    const web = Object.values(webVariables).flatMap((variable) => variable.names);
    expect(names.filter((name) => web.includes(name))).to.deep.equal([]);
  });
});
