/** The mail sink as a process, for development only: `node dist/sandbox/mail-sink/start.js`. */
import { mailSinkEnvironment } from '../environment.js';
import { run } from '../lifecycle.js';
import { startMailSink } from './mail-sink.js';

await run('mail-sink', () => startMailSink(mailSinkEnvironment(process.env)));
