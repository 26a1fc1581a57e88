import { expect } from 'chai';
import { EnvironmentFaults } from '../../config/variable.js';
import { armFailpoint } from './failpoint.js';

describe('a failpoint', () => {
  it('is never armed in production', () => {
    const arm = () => armFailpoint({ failpoint: 'commit-committed', nodeEnv: 'production' });
    expect(arm).to.throw(EnvironmentFaults, 'unset it in production');
  });

  it('must be one that there is', () => {
    for (const setting of ['commit', 'commit-committed@0', 'commit-committed@', 'toString']) {
      const arm = () => armFailpoint({ failpoint: setting, nodeEnv: 'test' });
      expect(arm, setting).to.throw(EnvironmentFaults, 'FAILPOINT must be one of delivery-received, ');
    }
  });

  it('is not needed', () => {
    expect(() => armFailpoint({ failpoint: '', nodeEnv: 'production' })).not.to.throw();
  });
});
