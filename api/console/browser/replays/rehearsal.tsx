/** What the rehearsal of a replay has found: what would be sent and what not, and what the first decisions would come to. */
import type { Replay } from '../answers.js';
import { Table } from '../table.js';
import { figure } from '../words.js';
import { Decision } from './decision.js';

type Found = NonNullable<Replay['rehearsal']>;

interface Props {
  readonly to: string;
  readonly rehearsal: Found | null;
}

export function RehearsalFound({ to, rehearsal }: Props) {
  if (rehearsal === null) return null;
  const { done, shown, decisions, approximate, release } = rehearsal;
  return (
    <section aria-labelledby="rehearsal">
      <h2 id="rehearsal">{done ? 'What the rehearsal has found' : 'What the rehearsal has found so far'}</h2>
      <Table
        caption={`By the states of that moment; rehearsed by release ${release}`}
        items={rowsOf(to, rehearsal)}
        keyOf={({ says }) => says}
        empty=""
        columns={[
          { title: 'What becomes of them', cell: ({ says }) => says },
          { title: 'Messages', figure: true, cell: ({ count }) => figure(count) },
          { title: 'Which', cell: ({ which }) => (which === undefined ? null : <Listed counts={which} />) },
        ]}
      />
      {approximate ? (
        <p class="quiet">There were too many states to keep in mind: the last decisions may come to something else.</p>
      ) : null}
      {shown.length === 0 ? null : (
        <>
          <h3>{decisions > shown.length ? `The first ${shown.length} decisions` : 'The decisions'}</h3>
          {shown.map((decision) => (
            <Decision key={decision.id} decision={decision} />
          ))}
        </>
      )}
    </section>
  );
}

interface Row {
  readonly count: number;
  readonly says: string;
  /** By name. */
  readonly which?: Readonly<Record<string, number>>;
}

/** The first two always; of the others those that there are. */
function rowsOf(to: string, rehearsal: Found): readonly Row[] {
  const { total, types, toSend, handled, effectsOff, effects, deadLetters, invalid, forgotten } = rehearsal;
  const { decisions, changing, publishes, fails } = rehearsal;
  const rows: readonly Row[] = [
    { count: total, says: `are meant, and ${to} takes them`, which: types },
    { count: toSend, says: 'would be sent' },
    { count: handled, says: `would be skipped: ${to} has handled them` },
    { count: effectsOff, says: 'would be left out: they are effects, which were not asked for' },
    { count: deadLetters, says: 'would be refused: redrive or discard their dead letters' },
    { count: invalid, says: 'would be refused: they do not fit their contract any more' },
    { count: effects, says: 'of those sent are effects; what they do outside is not rehearsed' },
    { count: forgotten, says: 'of those sent are older than the inbox; if they were handled, they would be again' },
    { count: decisions, says: 'were decided in the rehearsal' },
    { count: changing, says: 'of those would change a state' },
    { count: sum(publishes), says: 'would be published', which: publishes },
    { count: sum(fails), says: 'would fail', which: fails },
  ];
  return rows.filter(({ count }, index) => count > 0 || index < 2);
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, one) => all + one, 0);

const Listed = ({ counts }: { readonly counts: Readonly<Record<string, number>> }) => (
  <ul class="plain">
    {Object.entries(counts).map(([name, count]) => (
      <li key={name}>
        {figure(count)} {name}
      </li>
    ))}
  </ul>
);
