/** The statements of crash marks: `shared/postgres/crash-marks.ts`. */
import type { Asked, Statement } from './statement.js';

const TABLE = 'crash_marks';

export const markStatements: Readonly<Record<string, Statement>> = {
  'crash-marks-set': ({ tables, now }, actor: string, ids: string[], holder: string) =>
    ids
      .filter((id) => {
        const mark = tables.get(TABLE, keyOf(actor, id));
        return mark === undefined || mark['holder'] === holder;
      })
      .map((message_id) => {
        const mark = { actor, message_id, holder, alone: false, crashes: 0, seen_at: now };
        tables.put(TABLE, keyOf(actor, message_id), mark);
        return mark;
      }),
  'crash-marks-take-over': (
    { tables, now },
    actor: string,
    id: string,
    holder: string,
    from: string,
    crashes: number,
  ) => {
    const mark = tables.get(TABLE, keyOf(actor, id));
    if (mark === undefined || (mark['holder'] !== holder && mark['holder'] !== from)) return [];
    tables.update(TABLE, keyOf(actor, id), { holder, alone: true, crashes, seen_at: now });
    return [mark];
  },
  'crash-marks-clear': ({ tables }, actor: string, ids: string[], holder: string) =>
    ids
      .filter((id) => tables.get(TABLE, keyOf(actor, id))?.['holder'] === holder)
      .map((id) => ({ id, gone: tables.delete(TABLE, keyOf(actor, id)) })),
  'crash-marks-read': ({ tables, now }, actor: string, ids: string[]) =>
    ids.flatMap((id) => {
      const mark = tables.get(TABLE, keyOf(actor, id));
      if (mark === undefined) return [];
      const { message_id, holder, alone, crashes, seen_at } = mark;
      return [{ message_id, holder, alone, crashes, silent_ms: now.getTime() - (seen_at as Date).getTime() }];
    }),
  'crash-marks-life': ({ tables, now }: Asked, holder: string) => {
    const marks = tables.all(TABLE).filter((mark) => mark['holder'] === holder);
    for (const { actor, message_id } of marks) {
      tables.update(TABLE, keyOf(String(actor), String(message_id)), { seen_at: now });
    }
    return marks;
  },
};

const keyOf = (actor: string, messageId: string): string => `${actor} ${messageId}`;
