/**
 * What is written to a socket in one tick goes out together: a system call, and the waking of whoever
 * reads, cost more than most of what is written. amqplib writes every frame by itself, nodemailer the end of a mail, pg every
 * statement.
 */
import { Socket } from 'node:net';

/** Makes a socket that is connected hold back what is written until the present tick is over, then send it in one. */
export function gatherWrites(socket: Socket): void {
  const write = socket.write;
  let gathering = false;
  socket.write = function gathered(this: Socket, ...args: Parameters<Socket['write']>) {
    if (!gathering) {
      gathering = true;
      socket.cork();
      process.nextTick(() => {
        gathering = false;
        socket.uncork();
      });
    }
    return write.apply(this, args);
  } as Socket['write'];
}

/** A socket that gathers its writes from when it is connected: connecting gives it a `write` anew. */
export function gatheringSocket(): Socket {
  const socket = new Socket();
  socket.once('connect', () => gatherWrites(socket));
  return socket;
}
