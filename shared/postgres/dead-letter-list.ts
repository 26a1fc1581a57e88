/** Dead letters as somebody looks at them. */
import type { Database, Transaction } from './database.js';
import { FITS, filterValues, type LetterFilter } from './dead-letter-filter.js';
import { AHEAD, IN_LINE, isUnaddressed, STANDING } from './dead-letters.js';
import { hasUsableId } from './settled-letters.js';

export const LETTER_STATUSES = ['open', 'held', 'redriving', 'redriven', 'replaced', 'discarded'] as const;
export type LetterStatus = (typeof LETTER_STATUSES)[number];

export interface FiledLetter {
  readonly id: string;
  readonly status: LetterStatus;
  readonly actor: string;
  readonly messageId: string;
  readonly type: string | null;
  readonly order: string | null;
  readonly code: string;
  readonly message: string;
  readonly fingerprint: string;
  readonly road: 'runtime' | 'broker';
  readonly attempts: number;
  readonly occurrences: number;
  readonly release: string | null;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

export type LetterChange = 'redrive' | 'edit' | 'discard';

/** One letter with all that is known of it. */
export interface WholeLetter extends FiledLetter {
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly stack: string | null;
  readonly replacedBy: string | null;
  readonly job: string | null;
  readonly redriveRelease: string | null;
  readonly sentAt: Date | null;
  /** The letter of its order that is handled before it. */
  readonly behind: string | null;
  /** What would not be refused for the letter's own sake as it is now. */
  readonly can: readonly LetterChange[];
  readonly changes: readonly {
    readonly change: string;
    readonly by: string;
    readonly reason: string;
    readonly at: string;
  }[];
}

export interface LetterGroup {
  readonly fingerprint: string;
  readonly actor: string;
  readonly type: string | null;
  readonly code: string;
  readonly message: string;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

const LISTED = `id, status, actor, message_id as "messageId", type, correlation_id as "order", error_code as code,
  error_message as message, fingerprint, road, attempts, occurrences, release, first_at as "firstAt", last_at as "lastAt"`;

/** Letters that fit, in the order they came, after the one given; of all statuses that stand unless one is given. */
export async function listLetters(
  database: Database,
  filter: LetterFilter,
  {
    status,
    limit,
    after,
  }: { readonly status?: LetterStatus | undefined; readonly limit: number; readonly after?: string | undefined },
): Promise<FiledLetter[]> {
  const { rows } = await database.query<FiledLetter>({
    text: `select ${LISTED} from dead_letters where ${FITS} and (status = $7 or $7::text is null and ${STANDING})
             and ($9::uuid is null or id > $9) order by id limit $8`,
    values: [...filterValues(filter), status ?? null, limit, after ?? null],
  });
  return rows;
}

/** Open letters by what they have in common, the most frequent first. */
export async function groupLetters(database: Database, filter: LetterFilter): Promise<LetterGroup[]> {
  const { rows } = await database.query<LetterGroup>({
    text: `select fingerprint, actor, type, error_code as code, min(error_message) as message, count(*) as count,
                  min(first_at) as "firstAt", max(last_at) as "lastAt"
           from dead_letters where ${FITS} and status = 'open' group by 1, 2, 3, 4 order by count(*) desc, fingerprint`,
    values: filterValues(filter),
  });
  return rows;
}

export async function findLetter(database: Transaction, id: string): Promise<WholeLetter | undefined> {
  const { rows } = await database.query<Omit<WholeLetter, 'can'>>({
    text: `select ${LISTED}, body, headers, stack, replaced_by as "replacedBy", redrive_job as job,
             redrive_release as "redriveRelease", sent_at as "sentAt",
             (select ahead.id ${AHEAD} and letter.${IN_LINE}
              order by ahead.place desc limit 1) as behind,
             (select coalesce(jsonb_agg(jsonb_build_object('change', change, 'by', made_by, 'reason', reason, 'at', made_at)
                                        order by dead_letter_changes.id), '[]')
              from dead_letter_changes where letter_id = letter.id) as changes
           from dead_letters as letter where id = $1`,
    values: [id],
  });
  const [letter] = rows;
  return letter && { ...letter, can: possibleChanges(letter) };
}

type Changeable = Pick<WholeLetter, 'status' | 'messageId' | 'order' | 'code' | 'sentAt'>;

/** As `dead-letter-changes.ts` and the routes over it refuse the others. */
export function possibleChanges({ status, messageId, order, code, sentAt }: Changeable): LetterChange[] {
  const sendable = !isUnaddressed(code);
  const open = status === 'open';
  const redrivable = open || (status === 'redriving' && sentAt !== null);
  const can: Record<LetterChange, boolean> = {
    redrive: redrivable && sendable && hasUsableId({ message_id: messageId }),
    edit: open && sendable && order !== null,
    discard: open || status === 'held' || status === 'redriving',
  };
  return (Object.keys(can) as LetterChange[]).filter((change) => can[change]);
}

/** Letters that stand, by what they have in common and where they are. */
export interface StandingLetters {
  readonly actor: string;
  readonly fingerprint: string;
  readonly code: string;
  readonly status: string;
  readonly count: number;
}

/** Groups told apart at most: a metric has a series for each. */
const GROUPS = 200;
const REST = 'other';

/**
 * The most frequent first; beyond so many groups the rest is one an actor and status, with `other` for what tells them apart, and
 * beyond twice as many one a status: the name of an actor too is what a letter says.
 */
export async function countStanding(database: Database): Promise<StandingLetters[]> {
  const { rows } = await database.query<StandingLetters>({
    text: `with groups as (
             select actor, fingerprint, error_code as code, status, count(*) as count,
                    row_number() over (order by count(*) desc, fingerprint, actor, status) > $1 as beyond
             from dead_letters where ${STANDING} group by 1, 2, 3, 4
           ), folded as (
             select actor, case when beyond then $2 else fingerprint end as fingerprint, case when beyond then $2 else code end as code,
                    status, sum(count) as count, row_number() over (order by beyond, sum(count) desc, actor, status) > 2 * $1 as beyond
             from groups group by beyond, 1, 2, 3, 4
           )
           select case when beyond then $2 else actor end as actor, fingerprint, code, status, sum(count)::bigint as count
           from folded group by 1, 2, 3, 4 order by count desc, fingerprint, actor, status`,
    values: [GROUPS, REST],
  });
  return rows;
}
