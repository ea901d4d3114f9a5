/** Answers from the table of names: which version has what, and in which form. */
import { common, majors, names, type Major, type Part, type Topic, type Versions } from './names.ts';

/** A field in this Odoo. */
export interface Field {
  /** `text`, `html`, `char` …; undefined if unknown. */
  type?: string;
  required?: boolean;
}

export function includes(versions: Versions | undefined, major: number): boolean {
  if (versions === undefined) return true;
  const [first, last = first] = versions.split('-').map(Number);
  return first! <= major && major <= last!;
}

/** Splits names that are separated by spaces or line breaks. */
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

/** What the hub names of a model, over all topics. Empty for a model that it does not name. */
export function partsOf(model: string): Part[] {
  return entries().flatMap((entry) => (entry.model === model ? [entry.part] : []));
}

/** The versions that have a field, or a method given with brackets. Undefined if the hub does not name it. */
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

/**
 * A field in a version. Undefined if the version does not have it or the hub does not name it. Versions after the last
 * known one count as that one.
 */
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
