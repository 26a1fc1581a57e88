/** An environment variable the test run sets. @throws {Error} saying how to run the tests */
export function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is not set; run the tests by npm test, which starts the servers`);
  return value;
}
