/** When nobody waits for an answer any more: it was sent, or whoever asked has hung up. */
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

/** By connection, what is done at the latest when it closes. One listener each, however many requests it carries at once. */
const untilClosed = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls `work` once for every answer; now, if the caller has hung up before. An answer alone does not tell: it says `close`
 * once, perhaps before anybody listens, and never when it waited behind another on a connection that is gone.
 */
export function whenNobodyWaits({ raw: response, request }: FastifyReply, work: () => void): void {
  const { socket } = request.raw;
  const ends = untilClosed.get(socket) ?? watched(socket);
  const end = (): void => {
    if (ends.delete(end)) work();
  };
  ends.add(end);
  if (response.destroyed || socket.destroyed) end();
  else response.once('close', end);
}

function watched(socket: Socket): Set<() => void> {
  const ends = new Set<() => void>();
  untilClosed.set(socket, ends);
  socket.once('close', () => {
    for (const end of ends) end();
  });
  return ends;
}
