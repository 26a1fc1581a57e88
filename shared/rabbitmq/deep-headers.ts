/**
 * Headers that are nested deeper than anybody means. amqplib reads them by recursion, and where that overflows it ends the
 * connection: at every delivery of the message, together with what the connection had in hand, until the broker gives up on all of
 * it. So they are left out, and the message that had them is marked, by which it is refused.
 */
import { HEADER, type Headers } from '../messaging/wire.js';

/** Ours have one level, the broker's three. */
const DEEPEST = 32;

/** The parts of amqplib's connection that read frames; they are not part of its types. */
interface FrameReader {
  recvFrame(): unknown;
  /** What was received and is not read yet. */
  rest: Buffer;
}

/** The headers, without those that are nested too deeply. */
export function shallowHeaders(headers: Headers): Headers {
  const deep = Object.keys(headers).filter((name) => isDeeper(headers[name], DEEPEST));
  if (deep.length === 0) return headers;
  const kept = Object.entries(headers).filter(([name]) => !deep.includes(name));
  return { ...Object.fromEntries(kept), [HEADER.unreadable]: true };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  return levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1));
}

/** From now on the connection goes on where it cannot read the headers of a message. */
export function survivesDeepHeaders(connection: unknown): void {
  if (!isFrameReader(connection)) return;
  const recvFrame = connection.recvFrame.bind(connection);
  connection.recvFrame = () => {
    const { rest } = connection;
    try {
      return recvFrame();
    } catch (error) {
      // It calls itself, by this name, until the rest begins with a whole frame: that is what it has just taken off.
      const bare = withoutHeaders(rest.subarray(0, rest.length - connection.rest.length));
      if (!(error instanceof RangeError) || bare === undefined) throw error;
      connection.rest = Buffer.concat([bare, connection.rest]);
      return recvFrame();
    }
  };
}

const isFrameReader = (connection: unknown): connection is FrameReader =>
  typeof connection === 'object' && connection !== null && 'recvFrame' in connection && 'rest' in connection;

// AMQP 0-9-1, 4.2.3 and 4.2.6: type, channel and size of the frame; class, weight and size of the body; flags; properties.
const FRAME_HEADER = 2;
const SIZE_AT = 3;
const FLAGS_AT = 19;
const HEADERS_FLAG = 0x2000;
/** Of the two properties that come before, a short string each. */
const BEFORE = [0x8000, 0x4000];
/** What of a frame its size does not count. */
const UNCOUNTED = 8;

/** The table that stands in their place: one header, which is true. */
const MARK = Buffer.from(`....${String.fromCharCode(HEADER.unreadable.length)}${HEADER.unreadable}t\u0001`, 'latin1');
MARK.writeUInt32BE(MARK.length - 4);

/** A frame with the mark for all its headers; undefined for one that has none. */
function withoutHeaders(frame: Buffer): Buffer | undefined {
  if (frame[0] !== FRAME_HEADER) return undefined;
  const flags = frame.readUInt16BE(FLAGS_AT);
  if ((flags & HEADERS_FLAG) === 0) return undefined;
  let at = FLAGS_AT + 2;
  for (const flag of BEFORE) if ((flags & flag) !== 0) at += 1 + frame.readUInt8(at);
  const bare = Buffer.concat([frame.subarray(0, at), MARK, frame.subarray(at + 4 + frame.readUInt32BE(at))]);
  bare.writeUInt32BE(bare.length - UNCOUNTED, SIZE_AT);
  return bare;
}
