/** The invariants, in the order of their numbers. */
import type { Invariant } from '../invariant.js';
import { causes } from './causes.js';
import { delivery } from './delivery.js';
import { ends } from './ends.js';
import { intake } from './intake.js';
import { labels } from './labels.js';
import { leaks } from './leaks.js';
import { leftovers } from './leftovers.js';
import { mails } from './mails.js';
import { money } from './money.js';
import { secrets } from './secrets.js';
import { stock } from './stock.js';

export const INVARIANTS: readonly Invariant[] = [
  intake,
  ends,
  stock,
  money,
  mails,
  labels,
  delivery,
  leftovers,
  causes,
  secrets,
  leaks,
];
