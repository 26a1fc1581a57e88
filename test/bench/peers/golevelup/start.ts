/** A process of the peer on @golevelup/nestjs-rabbitmq. */
import { run } from '../flow/process.js';
import { connect } from './broker.js';

await run(connect);
