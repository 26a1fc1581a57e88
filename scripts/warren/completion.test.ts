import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { warren } from './program.js';

describe('the completion', () => {
  let script = '';
  const program = warren({ defaults: { url: '', key: '' }, answer: () => undefined }, (text) => {
    script = text;
  });

  /** What bash offers when the last word is being typed. */
  const offered = (...words: readonly string[]): string[] => {
    const line = `COMP_WORDS=(warren ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}`;
    const printed = execFileSync('bash', ['-c', `${script}\n${line}; _warren; printf '%s\\n' "\${COMPREPLY[@]}"`]);
    return printed.toString().split('\n').filter(Boolean);
  };

  before(() => program.parseAsync(['completion', 'bash'], { from: 'user' }));

  it('offers commands, those below them, and their options, also behind arguments and other options', () => {
    expect(offered('')).to.include.members(['status', 'explain', 'orders', 'dead-letters', 'doctor']);
    expect(offered('queues', '')).to.include.members(['list', 'pause', 'resume', 'prefetch']);
    expect(offered('queues', 'prefetch', 'payment', '--de')).to.deep.equal(['--default']);
    expect(offered('storefronts', '')).to.include.members(['list', 'create', 'rename', 'disable', 'enable']);
    expect(offered('keys', '')).to.include.members(['list', 'create', 'revoke']);
    expect(offered('keys', 'create', 'some-id', '--sc')).to.deep.equal(['--scopes']);
    expect(offered('topology', '')).to.include.members(['plan', 'apply']);
    expect(offered('dead')).to.deep.equal(['dead-letters']);
    expect(offered('orders', '')).to.include.members(['list', 'show', 'cancel']);
    expect(offered('orders', 'list', '--st')).to.deep.equal(['--status']);
    expect(offered('orders', 'list', '--status', 'PAID', '--em')).to.deep.equal(['--email']);
    expect(offered('dead-letters', 'redrive', 'some-letter', '--rea')).to.deep.equal(['--reason']);
  });
});
