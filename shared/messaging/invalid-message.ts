/** A message that no retry can mend: it goes to the dead letters at once. */
export type InvalidMessageCode =
  | 'message.not-json'
  | 'message.no-id'
  | 'message.unknown-type'
  | 'message.unknown-version'
  | 'message.invalid'
  | 'message.id-reused'
  | 'message.unreadable-headers'
  | 'message.wrong-address';

export class InvalidMessage extends Error {
  override readonly name = 'InvalidMessage';
  constructor(
    readonly code: InvalidMessageCode,
    message: string,
  ) {
    super(message);
  }
}
