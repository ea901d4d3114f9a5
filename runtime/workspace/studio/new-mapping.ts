/** A draft of a new mapping, from a message and the schema of what it is to give. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../../errors/coded-error.ts';
import { mappingText } from '../partner/compose.ts';
import { fieldsOf } from '../partner/fields.ts';
import { propose } from '../partner/propose.ts';
import { readMessage } from './message.ts';

interface Wanted {
  /** `acme.order`: what stands before the first dot is the source of its documents. */
  name: string;
  /** `order.v1` */
  schema: string;
  /** JSON. */
  message: string;
}

/** Throws CodedError REQUEST_INVALID. */
export function draftOf(
  { definitionsDir }: { definitionsDir: string },
  { name, schema, message }: Wanted,
): string {
  const file = join(definitionsDir, 'schemas', `${schema}.json`);
  if (!existsSync(file)) throw new CodedError('REQUEST_INVALID', `There is no schema ${schema}`);
  const fields = fieldsOf(JSON.parse(readFileSync(file, 'utf8')) as object);
  const [source = name] = name.split('.');
  return mappingText(propose(fields, readMessage(message), source), `What ${source} sends, as ${schema}.`);
}
