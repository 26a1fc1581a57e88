/**
 * What the rest of the provisioning has to know of a kind of server.
 * @typedef {object} Server
 * @property {'postgres' | 'rabbitmq' | 'redis'} name
 * @property {string} title
 * @property {readonly string[]} variables the environment variables that name such a server, the first wins
 * @property {readonly string[]} portNames the ports an instance needs
 * @property {readonly string[]} secretNames the secrets an instance needs; each becomes 32 hexadecimal digits
 * @property {{ apt: readonly string[], brew: readonly string[] }} packages
 * @property {NodeJS.Signals} stopSignal asks it to stop in good order
 * @property {boolean} [wholeGroup] signals go to its process group
 * @property {(folder: string) => Promise<Installed | undefined>} find the installed binaries that can run the data in that folder
 * @property {(setting: Setting) => Promise<Launch>} prepare lays out data folder and configuration; doing it again is harmless
 * @property {(record: import('./record.mjs').ServerRecord) => Promise<void>} answers throws while it does not answer as ours
 * @property {(record: import('./record.mjs').ServerRecord) => Record<string, string>} urls for the environment of the program
 * @property {(record: import('./record.mjs').ServerRecord) => Promise<void>} [afterStop] clears away what stays behind
 * @property {(folder: string) => string[]} [dataFolders] all it may have written to, where that is not the folder alone
 * @property {(url: URL) => Promise<string | undefined>} greet its version if it tells strangers; throws when none answers at the URL
 */

/** @typedef {{ binary: string, version: string }} Installed */

/**
 * @typedef {object} Setting
 * @property {string} folder
 * @property {Installed} installed
 * @property {Record<string, number>} ports
 * @property {Record<string, string>} secrets
 * @property {string | undefined} authority certificate of the one that signs the server's; with one it takes only encrypted connections
 * @property {(line: string) => void} say
 */

/**
 * How to start a prepared instance in the foreground.
 * @typedef {object} Launch
 * @property {string} command
 * @property {readonly string[]} args
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} [uid]
 * @property {number} [gid]
 */

import { postgres } from './postgres.mjs';
import { rabbitmq } from './rabbitmq.mjs';
import { redis } from './redis.mjs';

/** @type {readonly Server[]} */
export const servers = [postgres, rabbitmq, redis];
