/** The sink's SMTP side: accepts any mail from anyone, and commits the faults it is told to. */
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { FaultSettings } from '../fault-settings.js';
import { LOOPBACK, listen } from '../http.js';
import type { MailStore } from './mail-store.js';

export type MailFaults = FaultSettings<'rejectRate' | 'acceptThenDropRate' | 'latencyMs'>;

const MAX_MAIL_BYTES = 10 << 20;
/** The least that RFC 5321 (4.5.3.2.7) allows a server, so that a mailer's pooled connections live between two orders. */
const IDLE_MS = 5 * 60_000;
const CLOSE_WITHIN_MS = 500;

export interface SmtpServer {
  url: string;
  close(): Promise<void>;
}

/** Answers a mail's text with 250 only once the mail is kept. */
export async function serveSmtp(port: number, mails: MailStore, faults: MailFaults): Promise<SmtpServer> {
  const sockets = new Map<number, Socket>();

  const receive = async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> => {
    // Nobody is there to hear it; the sink goes on for the others.
    const raw = await bytesOf(stream).catch(() => {
      throw new Refusal(451, 'The mail broke off; nothing is kept.');
    });
    if (stream.sizeExceeded) throw new Refusal(552, `The mail is larger than ${MAX_MAIL_BYTES} bytes.`);
    const { rejectRate, acceptThenDropRate, latencyMs } = faults.values;
    if (latencyMs > 0) await delay(latencyMs);
    if (faults.roll() < rejectRate) throw new Refusal(451, 'A fault was asked for; nothing is kept.');
    const { mailFrom, rcptTo } = session.envelope;
    await mails.keep({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) }, raw);
    if (faults.roll() < acceptThenDropRate) sockets.get(session.remotePort)?.destroy();
  };

  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    hideSMTPUTF8: false,
    size: MAX_MAIL_BYTES,
    socketTimeout: IDLE_MS,
    closeTimeout: CLOSE_WITHIN_MS,
    onAuth: ({ username }, _session, callback) => callback(null, { user: username ?? 'anyone' }),
    // At once: by default smtp-server answers them in later turns, each by a packet of its own.
    onMailFrom: (_address, _session, callback) => callback(),
    onRcptTo: (_address, _session, callback) => callback(),
    onData: (stream, session, callback) => {
      receive(stream, session).then(() => callback(), refuseOrFail(callback));
    },
  });
  // A client that breaks off mid-mail reports here; the sink goes on for the others.
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    const { remotePort } = socket;
    if (remotePort === undefined) return;
    // smtp-server writes each reply by itself; those to commands that came together go out together.
    socket.on('data', () => {
      socket.cork();
      setImmediate(() => socket.uncork());
    });
    sockets.set(remotePort, socket);
    socket.once('close', () => sockets.delete(remotePort));
  });

  const listening = await listen(server.server, port);
  return {
    url: `smtp://${LOOPBACK}:${listening}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The mail is answered with this SMTP code. */
class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** A store that cannot be written fails the process: a mail must not be lost in silence. */
function refuseOrFail(refuse: (error: Error) => void): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Refusal)) throw error;
    refuse(error);
  };
}

async function bytesOf(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
