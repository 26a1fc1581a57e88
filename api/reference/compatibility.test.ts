import { expect } from 'chai';
import { breaksOf, type Direction } from './compatibility.js';

const text = { type: 'string' };
const object = (properties: Record<string, object>, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
});

const TABLE: readonly (readonly [what: string, before: object, after: object, sent: number, answered: number])[] = [
  ['nothing', object({ a: text }, ['a']), object({ a: text }, ['a']), 0, 0],
  ['a description', text, { ...text, description: 'a text' }, 0, 0],
  ['an optional field', object({ a: text }), object({ a: text, b: text }), 0, 0],
  ['a required field', object({ a: text }), object({ a: text, b: text }, ['b']), 1, 0],
  ['a field that is gone', object({ a: text, b: text }), object({ a: text }), 1, 1],
  ['a field that may be missing', object({ a: text }, ['a']), object({ a: text }), 0, 1],
  ['another type', object({ a: text }), object({ a: { type: 'integer' } }), 1, 1],
  ['a value more', { enum: ['a'] }, { enum: ['a', 'b'] }, 0, 1],
  ['a value less', { enum: ['a', 'b'] }, { enum: ['a'] }, 1, 1],
  ['a limit', text, { ...text, maxLength: 9 }, 1, 1],
  ['a deeper field that is gone', { items: object({ a: text }) }, { items: object({}) }, 1, 1],
  ['an alternative more', { anyOf: [text] }, { anyOf: [text, { type: 'null' }] }, 1, 1],
];

describe('a change of a published schema', () => {
  for (const [what, before, after, sent, answered] of TABLE) {
    it(`by ${what} breaks ${sent} of those who send, ${answered} of those who read`, () => {
      const count = (direction: Direction): number => breaksOf({ ...before }, { ...after }, direction).length;
      expect([count('sent'), count('answered')]).to.deep.equal([sent, answered]);
    });
  }
});
