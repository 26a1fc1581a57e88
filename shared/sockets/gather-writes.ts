/**
 * What is written to a socket in one turn of the event loop goes out together: a system call, and the waking of whoever
 * reads, cost more than most of what is written. amqplib writes every frame by itself, nodemailer the end of a mail.
 */
import type { Socket } from 'node:net';

/** Makes the socket hold back what is written until the present turn is over, then send it in one. */
export function gatherWrites(socket: Socket): void {
  const write = socket.write;
  let gathering = false;
  socket.write = function gathered(this: Socket, ...args: Parameters<Socket['write']>) {
    if (!gathering) {
      gathering = true;
      socket.cork();
      setImmediate(() => {
        gathering = false;
        socket.uncork();
      });
    }
    return write.apply(this, args);
  } as Socket['write'];
}
