/** Chance that can be repeated: what is drawn depends on a text and nothing else. Pure. */
import { createHash } from 'node:crypto';

/** 32 bytes that look drawn at random. */
export const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A number from 0 up to but not including 1. */
export const shareOf = (text: string): number => digest(text).readUIntBE(0, 6) / 2 ** 48;
