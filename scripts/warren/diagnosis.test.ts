import { expect } from 'chai';
import { type Finding, onPostgres, onRabbit, onRedis } from './diagnosis.js';

describe('the diagnosis', () => {
  const fleet = { workers: 8, databaseConnections: 2 };
  const postgres = { version: '15.18 (Debian)', mostConnections: 97, connections: 20, creates: true };
  const rabbit = { version: '3.10.8', missing: [], refused: undefined };
  const redis = { version: '7.0.15', evicts: 'noeviction', mostClients: 10_000, clients: 9 };
  const ill = (findings: readonly Finding[]): string[] =>
    findings.filter(({ well }) => !well).map(({ what, says }) => `${what}: ${says}`);

  it('finds nothing on servers that can carry a fleet', () => {
    expect(ill([...onPostgres(postgres, [], fleet), ...onRabbit(rabbit), ...onRedis(redis, fleet)])).to.deep.equal([]);
    expect(ill(onRabbit({ ...rabbit, version: '4.3.1' }))).to.deep.equal([]);
  });

  it('counts connections of web, every worker and the release step', () => {
    expect(ill(onPostgres({ ...postgres, mostConnections: 20 }, [], fleet))).to.deep.equal([]);
    const [few] = ill(onPostgres({ ...postgres, mostConnections: 19 }, [], fleet));
    expect(few).to.include('needs 20').and.include('lets 19');
    expect(ill(onRedis({ ...redis, mostClients: 9 }, fleet))[0]).to.include('needs 10');
    expect(ill(onRedis({ ...redis, mostClients: undefined }, fleet))).to.deep.equal([]);
  });

  it('names what is old, missing, not allowed or forgetful, each with a remedy', () => {
    const findings = [
      ...onPostgres({ ...postgres, version: '14.9', creates: false }, ['2026_new'], fleet),
      ...onRabbit({ version: '3.8.9', missing: ['payment'], refused: 'ACCESS_REFUSED' }),
      ...onRedis({ ...redis, version: '6.2', evicts: 'allkeys-lru' }, fleet),
    ].filter(({ well }) => !well);
    expect(findings.map(({ what }) => what)).to.deep.equal([
      'PostgreSQL version',
      'PostgreSQL tables',
      'PostgreSQL permissions',
      'RabbitMQ version',
      'RabbitMQ permissions',
      'RabbitMQ queues',
      'Redis version',
      'Redis memory',
    ]);
    for (const { remedy } of findings) expect(remedy).to.be.a('string');
  });
});
