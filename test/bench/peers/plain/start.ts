/** A process of the peer on plain amqplib. */
import { run } from '../flow/process.js';
import { connect } from './broker.js';

await run(connect);
