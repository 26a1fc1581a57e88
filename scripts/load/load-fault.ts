/** Why the load cannot run; the message names the thing and the remedy. */
export class LoadFault extends Error {
  override readonly name = 'LoadFault';
}
