/** The variables that set how a provider is dealt with: the same four for each, under a prefix of its own. */
import { wholeNumber } from '../../config/variable.js';

/** @param connections opened at most unless set otherwise; as many requests are under way at once */
export const providerVariables = (prefix: string, provider: string, connections: number) => ({
  connections: wholeNumber(
    {
      names: [`${prefix}_CONNECTIONS`],
      fallback: String(connections),
      meaning: `connections to the ${provider} a process opens at most, and requests under way at once`,
    },
    1,
    1_000,
  ),
  timeoutMs: wholeNumber(
    {
      names: [`${prefix}_TIMEOUT_MS`],
      fallback: '10000',
      meaning: `how long an answer of the ${provider} is waited for, in milliseconds`,
    },
    100,
    15_000,
  ),
  failures: wholeNumber(
    {
      names: [`${prefix}_CIRCUIT_FAILURES`],
      fallback: '10',
      meaning: `failures of the ${provider} in a row after which it is left alone`,
    },
    1,
    10_000,
  ),
  openMs: wholeNumber(
    {
      names: [`${prefix}_CIRCUIT_OPEN_MS`],
      fallback: '5000',
      meaning: `how long the ${provider} is then left alone before one request tries it, in milliseconds`,
    },
    100,
    600_000,
  ),
});
