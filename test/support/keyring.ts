/** Keys of tests, and what they have sealed. */
import { encryptionKeys } from '../../config/encryption-keys.js';
import { Keyring } from '../../shared/secrets/keyring.js';

/** As ENCRYPTION_KEYS. */
export const TEST_KEYS = `test:${Buffer.from('a key that only tests are given.').toString('base64')}`;

export const testKeyring = new Keyring(encryptionKeys.parse(TEST_KEYS));
