/** What is made of secrets follows them: what begins after a change has the new value, what is under way ends with the old one. */

let generation = 0;

type Heard = (changed: ReadonlySet<string>) => void;
const hearing = new Set<Heard>();

/** To be called when the environment of the process has the new values. */
export function tellChanged(names: Iterable<string>): void {
  const changed = new Set(names);
  if (changed.size === 0) return;
  generation += 1;
  for (const heard of hearing) heard(changed);
}

/** Call what it gives to hear no more. */
export function onChange(heard: Heard): () => void {
  hearing.add(heard);
  return () => void hearing.delete(heard);
}

/** `changed` is called when a change gave another text. Call what it gives to hear no more. */
export function followed(of: () => string, changed: () => void): () => void {
  let text = of();
  return onChange(() => {
    const now = of();
    if (now === text) return;
    text = now;
    changed();
  });
}

type Made<T> = { value: T } | { error: unknown };

/**
 * What `make` makes of the text `of` gives; made anew, with the next use, where a change gave another text. What making it
 * threw is thrown at each use until then: what was made of the old text is not used on.
 */
export function madeOf<T>(of: () => string, make: () => T): () => T {
  let seen = -1;
  let text: string | undefined;
  let made: Made<T> | undefined;
  return () => {
    if (seen !== generation || !made) {
      seen = generation;
      const now = of();
      if (!made || now !== text) made = attempt(make);
      text = now;
    }
    if ('error' in made) throw made.error;
    return made.value;
  };
}

function attempt<T>(make: () => T): Made<T> {
  try {
    return { value: make() };
  } catch (error) {
    return { error };
  }
}
