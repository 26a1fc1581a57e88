/** A sandbox process of its own, for what only a process can show: that it dies and comes back. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface SandboxProcess {
  /** The first log line. */
  log: { msg: string; url: string; smtpUrl: string };
  /** Resolves with the exit code, or null when a signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** `script` is relative to the compiled sandbox folder, such as `provider/start.js`. Whatever `use` does, the process ends. */
export async function withSandbox(
  script: string,
  environment: Record<string, string>,
  use: (sandbox: SandboxProcess) => Promise<void>,
): Promise<void> {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const child = spawn(process.execPath, [path], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  try {
    const [line]: string[] = await once(createInterface({ input: child.stdout }), 'line');
    await use({ log: JSON.parse(line ?? '{}'), end });
  } finally {
    await end('SIGKILL');
  }
}
