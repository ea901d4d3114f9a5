/** Reads what flows look up in the definitions. */
import { join } from 'node:path';
import { loadAuthority } from '../authority/authority.ts';
import { calendarsFor } from '../calendar/calendar.ts';
import { loadDocumentTypes } from '../edi/document-types.ts';
import { loadCatalogue } from '../events/catalogue.ts';
import { loadInterfaces } from '../interfaces/file.ts';
import { loadOwnership } from '../ownership/ownership.ts';
import { loadPartners } from '../partners/partners.ts';
import { loadProcesses } from '../process/definition.ts';
import { loadPolicies } from '../recovery/policies.ts';
import { loadRetention } from '../retention/rules.ts';
import { loadValueMaps } from '../values/value-maps.ts';
import type { Hub } from './hub.ts';

/** What flows look up in the definitions while they run. */
export type Definitions = Pick<
  Hub,
  | 'definitionsDir'
  | 'catalogue'
  | 'authority'
  | 'values'
  | 'partners'
  | 'documentTypes'
  | 'policies'
  | 'processes'
  | 'ownership'
  | 'interfaces'
  | 'calendars'
  | 'retention'
>;

/** Throws CodedError CONFIG_INVALID that names file and line. */
export function readDefinitions(definitionsDir: string): Definitions {
  const documentTypes = loadDocumentTypes(join(definitionsDir, 'edi'));
  const processes = loadProcesses(definitionsDir);
  return {
    definitionsDir,
    catalogue: loadCatalogue(join(definitionsDir, 'events')),
    authority: loadAuthority(definitionsDir),
    values: loadValueMaps(join(definitionsDir, 'values')),
    partners: loadPartners(
      join(definitionsDir, 'partners'),
      (standard, type) => documentTypes.get(standard, type)?.reads !== undefined,
    ),
    documentTypes,
    policies: loadPolicies(join(definitionsDir, 'policies')),
    ownership: loadOwnership(definitionsDir),
    interfaces: loadInterfaces(definitionsDir),
    processes,
    calendars: calendarsFor(definitionsDir, processes),
    retention: loadRetention(definitionsDir),
  };
}
