/** Redrives of several letters, and how far they are. */
import type { Job, Page } from '../answers.js';
import { change } from '../ask.js';
import { Confirm } from '../confirm.js';
import { Status } from '../status.js';
import { Table } from '../table.js';
import { useAnswer } from '../use-answer.js';
import { moment, plural } from '../words.js';

export function Jobs() {
  const { value, again } = useAnswer<Page<Job>>('/operator/redrive-jobs?limit=10');
  if (value === undefined || value.items.length === 0) return null;
  return (
    <section aria-labelledby="jobs">
      <h2 id="jobs">Redrives of several letters</h2>
      <Table
        caption="The newest first"
        items={value.items}
        keyOf={({ id }) => id}
        empty=""
        columns={[
          { title: 'Asked for', cell: ({ madeAt, madeBy }) => `${moment(madeAt)} by ${madeBy}` },
          { title: 'Reason', cell: ({ reason }) => reason },
          { title: 'Status', cell: (job) => <Status status={job.status} /> },
          { title: 'Progress', cell: (job) => <Progress job={job} /> },
          {
            title: 'Change',
            cell: (job) =>
              job.status === 'running' || job.status === 'suspended' ? (
                <Confirm
                  action="Cancel"
                  impact={
                    <p>What is not redriven yet stays open: {plural(job.total - job.done - job.failed, 'letter')}.</p>
                  }
                  onConfirmed={async (reason) => {
                    await change(`/operator/redrive-jobs/${job.id}/cancel`, { reason });
                    again();
                  }}
                />
              ) : null,
          },
        ]}
      />
    </section>
  );
}

function Progress({ job: { done, failed, total, status } }: { readonly job: Job }) {
  return (
    <>
      <progress max={total} value={done + failed} aria-label="Letters redriven" /> {done} of {total}
      {failed > 0 ? `, ${failed} failed again` : ''}
      {status === 'suspended' ? '; the rest waits for the next release, or until that one is settled' : ''}
    </>
  );
}
