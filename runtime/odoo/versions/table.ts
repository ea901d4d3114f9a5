/** What the table of names says: which version has what, and in what shape. */
import { common, majors, names, type Major, type Part, type Topic, type Versions } from './names.ts';

/** A field as this Odoo has it. */
export interface Field {
  /** `text`, `html`, `char` …; undefined where that is not known. */
  type?: string;
  required?: boolean;
}

export function includes(versions: Versions | undefined, major: number): boolean {
  if (versions === undefined) return true;
  const [first, last = first] = versions.split('-').map(Number);
  return first! <= major && major <= last!;
}

/** Names with spaces or lines between them. */
export function words(text = ''): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

export interface Entry {
  topic: Topic;
  model: string;
  part: Part;
}

export function entries(): Entry[] {
  return Object.entries(names).flatMap(([topic, models]) =>
    Object.entries(models).map(([model, part]) => ({ topic: topic as Topic, model, part })),
  );
}

/** What the hub names of a model, whatever for; none of a model it does not name. */
export function partsOf(model: string): Part[] {
  return entries().flatMap((entry) => (entry.model === model ? [entry.part] : []));
}

/** Which versions have a field, or a method with its brackets; undefined where the hub does not name it. */
export function versionsOf(model: string, name: string): Major[] | undefined {
  const parts = partsOf(model);
  if (parts.length === 0) return undefined;
  const isMethod = name.endsWith('()');
  const bare = isMethod ? name.slice(0, -2) : name;
  for (const part of [...parts, common]) {
    const own = words(isMethod ? part.methods : part.fields).includes(bare);
    const some = part.only?.[name];
    if (own || some) return majors.filter((major) => hasModel(parts, major) && includes(some, major));
  }
  return undefined;
}

function hasModel(parts: readonly Part[], major: number): boolean {
  return parts.some(({ model }) => includes(model, major));
}

/** A field as a version has it; undefined where it has none, or the hub does not name it. A later version is as the last one. */
export function fieldOf(major: number, model: string, name: string): Field | undefined {
  const version = nearest(major);
  if (!versionsOf(model, name)?.includes(version)) return undefined;
  const parts = partsOf(model);
  const plain = parts.flatMap((part) => part.plain?.[name] ?? []);
  const must = parts.flatMap((part) => part.must?.[name] ?? []);
  return {
    ...(plain.length > 0 && { type: plain.some((of) => includes(of, version)) ? 'text' : 'html' }),
    required: must.some((of) => includes(of, version)),
  };
}

function nearest(major: number): Major {
  const [first, last] = [majors[0], majors.at(-1)!];
  return (major <= first ? first : major >= last ? last : major) as Major;
}
