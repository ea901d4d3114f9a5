/** Which files say who may do what: who only makes flows gives no rights by them. */
import { isDeepStrictEqual } from 'node:util';
import { readFile, valueOf, type Workbench } from '../../workspace/files.ts';

interface Kind {
  path: RegExp;
  /** What in it gives none; undefined: all of it does. */
  besides?: ReadonlySet<string>;
}

const kinds: readonly Kind[] = [
  { path: /^definitions\/(roles|sign-on)\.yaml$/ },
  // The rest says what is approved by how many, what code may run, and which hub is sent the token of which.
  { path: /^definitions\/environments\/[^/]+$/, besides: new Set(['summary', 'values', 'secrets']) },
];

interface NewText {
  path: string;
  /** Null: the file goes. */
  text: string | null;
}

/** One of these changes gives or takes rights. Some disks take capitals for small letters. */
export async function givesRights(bench: Workbench, changes: readonly NewText[]): Promise<boolean> {
  for (const { path, text } of changes) {
    const kind = kinds.find((one) => one.path.test(path.toLowerCase()));
    if (!kind) continue;
    if (!kind.besides) return true;
    const { value } = await readFile(bench, path);
    const said = (whole: unknown) =>
      Object.entries(Object(whole) as object).filter(([name]) => !kind.besides!.has(name));
    const [before, after] = [said(value), said(valueOf(path, text ?? ''))];
    if (!isDeepStrictEqual(Object.fromEntries(before), Object.fromEntries(after))) return true;
  }
  return false;
}
