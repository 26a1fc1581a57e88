/** Runs a command of the project to its end. */
import { execFile } from 'node:child_process';

const OUTPUT_AT_MOST = 64 * 1024 * 1024;

/** What it printed on standard output. @throws {Error} with what it said when it fails */
export function runNode(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env, maxBuffer: OUTPUT_AT_MOST }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`node ${args.join(' ')} failed: ${stderr.trim() || error.message}`, { cause: error }));
    });
  });
}
