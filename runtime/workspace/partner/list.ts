/** The partners there are: what each sends, when it was last heard of, and its open exceptions; and the file of one as a form. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { DocumentTypes } from '../../edi/document-types.ts';
import type { Standard } from '../../edi/document.ts';
import { CodedError } from '../../errors/coded-error.ts';
import type { Journal } from '../../journal/journal.ts';
import type { Tables } from '../../journal/tables.ts';
import { documents, PartnerFile } from '../../partners/partners.ts';
import { formOf, type Field } from '../../tower/form.ts';
import { listFiles, readFile, type OpenFile, type Workbench } from '../files.ts';
import type { GuideHub } from './guide.ts';

export interface PartnerRow {
  partner: string;
  owner: string;
  summary: string;
  /** How its messages come. */
  by: 'edi' | 'direct' | 'webhook';
  sends: string[];
  takes: string[];
  /** ISO time, to the minute or hour. */
  seen?: string;
  open: number;
}

export async function partnerRows(
  bench: Workbench,
  hub: GuideHub & { journal: Journal },
  db: Kysely<Tables>,
): Promise<PartnerRow[]> {
  const paths = await listFiles(bench, 'definitions/partners');
  const files = await Promise.all(paths.map((path) => readFile(bench, path)));
  const seen = await lastSeen(db);
  const letters = await hub.journal.letters({ state: 'open', limit: 2000 });
  return files
    .flatMap(({ value }) => (value === undefined ? [] : [value as PartnerFile]))
    .map((file) => {
      const { partner, owner, summary, edi, direct } = file;
      const own = hub.catalogue.types.filter((type) => type.startsWith(`${partner}.`));
      const last = seen.get(partner);
      return {
        partner,
        owner,
        summary,
        by: edi ? 'edi' : direct ? 'direct' : 'webhook',
        sends: [...(edi?.sends ?? []), ...(direct?.sends ?? []), ...own],
        takes: edi?.takes ?? [],
        ...(last !== undefined && { seen: last }),
        open: letters.filter(({ message }) => message.source === partner).length,
      };
    });
}

async function lastSeen(db: Kysely<Tables>): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('rollup')
    .select((from) => ['partner', from.fn.max('bucket').as('bucket')])
    .where('partner', '!=', '')
    .groupBy('partner')
    .execute();
  return new Map(rows.map(({ partner, bucket }) => [partner, String(bucket)]));
}

export interface PartnerForm extends OpenFile {
  form: Field;
  /** What may be sent and taken; of EDI what is sent must be read by something here. */
  choices: Record<'direct' | 'x12' | 'edifact' | 'read', string[]>;
}

/** Throws CodedError FILE_UNKNOWN. */
export async function partnerForm(
  bench: Workbench,
  hub: GuideHub & { documentTypes: DocumentTypes },
  name: string,
): Promise<PartnerForm> {
  const file = await readFile(bench, `definitions/partners/${name}.yaml`);
  if (file.revision === '') throw new CodedError('FILE_UNKNOWN', `There is no partner ${name}`);
  const edi = join(hub.definitionsDir, 'edi');
  const names = existsSync(edi) ? readdirSync(edi) : [];
  const types = (standard: string): string[] =>
    names.flatMap((one) => new RegExp(`^${standard}[.](\\w+)[.]yaml$`).exec(one)?.[1] ?? []);
  const [x12, edifact] = [types('x12'), types('edifact')];
  const readOf = (standard: Standard, all: string[]): string[] =>
    all.filter((type) => hub.documentTypes.get(standard, type)?.reads !== undefined);
  return {
    ...file,
    form: formOf(PartnerFile),
    choices: {
      direct: [...documents],
      x12,
      edifact,
      read: [...readOf('x12', x12), ...readOf('edifact', edifact)],
    },
  };
}
