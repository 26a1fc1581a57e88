/** amqplib hands its socket every frame by itself, a system call each; those of one moment go out together here. */
import type { Socket } from 'node:net';

/** Makes the socket hold back what is written until the present callback has returned, then send it in one. */
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
