/** A file that is served as it is, to whoever asks for the path, and to a reader who has it already as 304. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface ServedFile {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export async function readServed(file: string): Promise<ServedFile> {
  // A name without an extension of ours would be a fault of the list it stands on.
  return served(await readFile(file), TYPES[extname(file).replace('.mjs', '.js')] ?? 'application/octet-stream');
}

export function served(body: Buffer, type: string): ServedFile {
  return { body, type, etag: `"${createHash('sha256').update(body).digest('base64url')}"` };
}

export function sendServed({ headers }: FastifyRequest, reply: FastifyReply, { body, type, etag }: ServedFile) {
  reply.header('etag', etag);
  return headers['if-none-match'] === etag ? reply.code(304).send() : reply.type(type).send(body);
}
