/** Samples that cannot be used: no sample at all, of a webhook that no flow has, of an event that is not in the catalogue. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import type { FlowFiles, OutputsOf } from '../flow-file/format.ts';
import { parseFlows } from '../flow-file/read.ts';
import { sampleOf } from '../flow-test/sample.ts';
import { findingIn } from './finding.ts';
import type { Finding } from './rule.ts';
import type { Project } from './project.ts';

/** A type of the catalogue; what a shop calls its webhooks, `orders/create`, is none. */
const ofCatalogue = /^[a-z0-9_-]+(\.[a-z0-9_-]+)+\.v\d+$/;

/** Warnings: nothing that runs needs a sample. */
export function lintSamples(
  files: FlowFiles,
  outputsOf: OutputsOf,
  { definitionsDir, catalogue }: Pick<Project, 'definitionsDir' | 'catalogue'>,
): Finding[] {
  const names = samplesIn(join(definitionsDir, 'samples'));
  if (names.length === 0) return [];
  const nodes = parseFlows(files, outputsOf);
  const paths = new Set(nodes.flatMap(({ type, path }) => (type === 'webhook-in' ? [path] : [])));
  return names.flatMap((name) => {
    const file = `definitions/samples/${name}`;
    const finding = findingIn(file, 'warning');
    const found = (code: string, message: string) => [finding(code, name.slice(0, -'.json'.length), message)];
    try {
      const { path, event } = sampleOf(file, readFileSync(join(definitionsDir, 'samples', name), 'utf8'));
      if (event && ofCatalogue.test(event) && !catalogue.types.includes(event))
        return found('EVENT_UNKNOWN', `is a sample of ${event}, which is not in the catalogue`);
      if (paths.has(path)) return [];
      return found('SAMPLE_INVALID', `came to the webhook ${path}, which no flow has`);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return found('SAMPLE_INVALID', error.message.slice(file.length + 1));
    }
  });
}

function samplesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith('.json'))
      .toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
