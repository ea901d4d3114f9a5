/** Samples: real messages kept as files beside the definitions, without what is about a person. */
import { CodedError } from '../errors/coded-error.ts';
import { exactJson } from '../verify/exact-json.ts';
import { listFiles, readFile, saveFiles, type Saved, type Workbench } from './files.ts';
import { mask, type MaskedField } from './mask.ts';
import { sampleOf, type Sample } from '../flow-test/sample.ts';
import type { SeenWebhook } from '../intake/seen.ts';

export interface SampleRow {
  name: string;
  source?: string;
  event?: string;
  path?: string;
  taken?: string;
  masked?: number;
  /** Why it cannot be used. */
  problem?: string;
}

export interface Preview {
  sample: Sample;
  fields: MaskedField[];
}

const folder = 'definitions/samples';
const pathOf = (name: string): string => `${folder}/${name}.json`;

/** Without their bodies. */
export async function listSamples(bench: Workbench): Promise<SampleRow[]> {
  const paths = (await listFiles(bench, folder)).filter((path) => path.endsWith('.json'));
  return Promise.all(
    paths.map(async (path) => {
      const name = path.slice(folder.length + 1, -'.json'.length);
      try {
        const { source, event, path: at, taken, masked } = await readSample(bench, name);
        return { name, source, ...(event && { event }), path: at, taken, masked: masked.length };
      } catch (error) {
        return { name, problem: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}

/** Throws CodedError FILE_UNKNOWN, FILE_INVALID. */
export async function readSample(bench: Workbench, name: string): Promise<Sample> {
  const { path, text, revision } = await readFile(bench, pathOf(name));
  if (revision === '') throw new CodedError('FILE_UNKNOWN', `There is no sample ${name}`, { path });
  return sampleOf(path, text);
}

/** What would be kept of a webhook. `keep`: paths that stay as they came. */
export function previewOf(seen: SeenWebhook, seed: string, keep: readonly string[]): Preview {
  const { flow, path, at, headers, body } = seen;
  const { value, fields } = mask(read(body), seed, new Set(keep));
  const kept = fields.flatMap((one) => (keep.includes(one.path) ? [one.path] : []));
  const event = Object.entries(headers).find(([name]) => /topic|event/.test(name))?.[1];
  const sample: Sample = {
    source: flow,
    ...(event && { event }),
    path,
    taken: at,
    masked: fields.flatMap((one) => (keep.includes(one.path) ? [] : [one.path])),
    ...(kept.length > 0 && { kept }),
    headers,
    body: value,
  };
  return { sample, fields };
}

/** A new file; never over one that is there. Throws CodedError FILE_CHANGED and what a save throws. */
export async function keepSample(bench: Workbench, name: string, sample: Sample, by: string): Promise<Saved> {
  return saveFiles(bench, [{ path: pathOf(name), text: textOf(sample), revision: '' }], by);
}

function textOf(sample: Sample): string {
  return `${JSON.stringify(sample, undefined, 2)}\n`;
}

function read(body: string): unknown {
  try {
    return exactJson(body);
  } catch {
    return body;
  }
}
