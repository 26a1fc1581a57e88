/** What is made when somebody first asks for it, so that a process starts, and is as small, as without it. */

/** Made once for all who ask. What fails is told to those who wait for it, and made anew for who asks next. */
export function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    if (made !== undefined) return made;
    const making = make();
    made = making;
    making.catch(() => {
      made = undefined;
    });
    return making;
  };
}
