import { expect } from 'chai';
import { listenHost, variables } from './environment.js';
import { actorVariables } from './process-variables.js';
import {
  EnvironmentFaults,
  oneOf,
  orNone,
  readVariableGroups,
  readVariables,
  share,
  url,
  urls,
  urlTemplate,
  wholeNumber,
  words,
} from './variable.js';

const faultsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof EnvironmentFaults) return error.faults;
    throw error;
  }
  return [];
};

describe('the environment', () => {
  const sample = {
    level: oneOf({ names: ['LEVEL'], fallback: 'low', meaning: 'how high' }, ['low', 'high']),
    size: wholeNumber({ names: ['SIZE'], meaning: 'how large' }, 1, 10),
    broker: urls({ names: ['BROKER', 'BROKER_URL'], meaning: 'where' }, ['amqp']),
    key: words({ names: ['KEY'], developmentOnly: 'sesame', meaning: 'secret' }),
  };

  it('reports all faults at once, with what is expected, and repeats no value', () => {
    const faults = faultsOf(() => readVariables(sample, { LEVEL: 'medium', SIZE: '1e9', BROKER_URL: 'http://pass@x' }));
    expect(faults).to.have.length(4);
    expect(faults.join('\n')).to.include('LEVEL must be one of low, high').and.to.include('KEY is not set');
    expect(faults.join('\n')).not.to.match(/medium|1e9|pass@x/);
  });

  it('takes the first of a variable’s names that is set, and its default when none is', () => {
    const read = readVariables(sample, { SIZE: '3', BROKER: '', BROKER_URL: 'amqp://a,amqp://b', KEY: 'mine' });
    expect(read).to.deep.equal({ level: 'low', size: 3, broker: ['amqp://a', 'amqp://b'], key: 'mine' });
  });

  it('refuses a URL in which nothing can be filled in, one with a password in it, and one that is no URL', () => {
    const viewer = { viewer: urlTemplate({ names: ['VIEWER'], meaning: 'where' }, ['https'], '{id}') };
    const VIEWER = 'https://a.example/{id}';
    expect(readVariables(viewer, { VIEWER })).to.deep.equal({ viewer: VIEWER });
    for (const wrong of ['https://a.example/', 'https://ann:secret@a.example/{id}', 'javascript:{id}', '{id}'])
      expect(faultsOf(() => readVariables(viewer, { VIEWER: wrong })).join()).to.include('with {id} in it');
  });

  it('takes for undefined what may be left away and is, and only shares of a whole for a share', () => {
    const about = {
      receiver: orNone(url({ names: ['TO'], meaning: 'where' }, ['http'])),
      part: share({ names: ['PART'], meaning: 'how much' }),
    };
    for (const [PART, part] of [
      ['0', 0],
      ['.25', 0.25],
      ['1.0', 1],
    ] as const)
      expect(readVariables(about, { PART })).to.deep.equal({ receiver: undefined, part });
    for (const PART of ['1.1', '-0.1', '1e-1', '10%', '.'])
      expect(faultsOf(() => readVariables(about, { PART })).join()).to.include('a number from 0 to 1');
    expect(faultsOf(() => readVariables(about, { PART: '1', TO: 'not a url' })).join()).to.include(
      'a URL starting with',
    );
  });

  it('refuses a credential that everybody knows where it is production, which is the default', () => {
    const given = { SIZE: '3', BROKER: 'amqp://a', KEY: 'sesame' };
    for (const NODE_ENV of ['production', '']) {
      expect(faultsOf(() => readVariables(sample, { ...given, NODE_ENV })).join()).to.include(
        'KEY is set to what is for development only',
      );
    }
    expect(readVariables(sample, { ...given, NODE_ENV: 'development' }).key).to.equal('sesame');
  });

  it('reports the faults of several sets together, each once', () => {
    const one = { a: url({ names: ['A'], meaning: 'a' }, ['http']) };
    const faults = faultsOf(() =>
      readVariableGroups({ one, two: { ...one, b: words({ names: ['B'], meaning: 'b' }) } }, {}),
    );
    expect(faults).to.have.length(2);
  });

  it('lets each actor’s prefetch and concurrency be overridden by its own variables', () => {
    const limits = actorVariables('dead-letters', { prefetch: 5, concurrency: 6 });
    expect(readVariables(limits, { DEAD_LETTERS_PREFETCH: '7' })).to.deep.equal({ prefetch: 7, concurrency: 6 });
    expect(faultsOf(() => readVariables(limits, { DEAD_LETTERS_CONCURRENCY: '0' }))).to.have.length(1);
  });

  it('listens on loopback outside production unless told otherwise', () => {
    const hostOf = (source: Record<string, string>) =>
      listenHost(readVariables({ host: variables.host, nodeEnv: variables.nodeEnv }, source));
    expect(hostOf({ NODE_ENV: 'development' })).to.equal('127.0.0.1');
    expect(hostOf({})).to.equal('0.0.0.0');
    expect(hostOf({ HOST: '::1' })).to.equal('::1');
  });
});
