/** Which letters are meant: those that fit everything that is given. */
export interface LetterFilter {
  readonly actor?: string | undefined;
  readonly type?: string | undefined;
  readonly code?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly order?: string | undefined;
  readonly ids?: readonly string[] | undefined;
}

/** A condition on `dead_letters`, whose parameters are the first six of the statement. */
export const FITS = `($1::text is null or actor = $1) and ($2::text is null or type = $2)
  and ($3::text is null or error_code = $3) and ($4::text is null or fingerprint = $4)
  and ($5::text is null or correlation_id = $5) and ($6::uuid[] is null or id = any($6::uuid[]))`;

export const filterValues = ({ actor, type, code, fingerprint, order, ids }: LetterFilter): unknown[] => [
  actor ?? null,
  type ?? null,
  code ?? null,
  fingerprint ?? null,
  order ?? null,
  ids ?? null,
];

/** False when every letter fits. */
export const narrows = (filter: LetterFilter): boolean => filterValues(filter).some((value) => value !== null);
