/** What a file says, read again only once it is another: who asks at each request does not parse each time. */
import { statSync } from 'node:fs';

/** Throws each time what `read` threw. */
export function whenChanged<Result>(path: () => string, read: () => Result): () => Result {
  let seen: string | undefined;
  let outcome: () => Result = read;
  return () => {
    const now = stampOf(path());
    if (now !== seen) {
      outcome = outcomeOf(read);
      seen = now;
    }
    return outcome();
  };
}

function outcomeOf<Result>(read: () => Result): () => Result {
  try {
    const result = read();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Another path, time, size or place on the disk is another file; one that is not there is one too. */
export function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return `${path} ${found ? `${found.mtimeMs} ${found.size} ${found.ino}` : 'absent'}`;
}
