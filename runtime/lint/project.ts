/** What the rules know beside the flows: node types, definitions and the environment. */
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { loadAlerting } from '../alerts/file.ts';
import { loadAuthority, type Authority } from '../authority/authority.ts';
import { calendarsFor } from '../calendar/calendar.ts';
import { ownEnvironment, type Environment } from '../environments/environment.ts';
import { loadCatalogue, type Catalogue } from '../events/catalogue.ts';
import { loadInterfaces, type Entries } from '../interfaces/file.ts';
import { compileMapping, type Mapping, type MappingSource } from '../map/mapping.ts';
import { loadProcesses } from '../process/definition.ts';
import { loadPartners, type Partners } from '../partners/partners.ts';
import { loadObjectives } from '../figures/objectives.ts';
import { loadPolicies } from '../recovery/policies.ts';
import { loadRetention } from '../retention/rules.ts';
import { loadRoles } from '../roles/roles.ts';
import { loadValueMaps } from '../values/value-maps.ts';

export type Accepts = string | { setting: string; of: Record<string, string> };

/** A node type of the palette, as far as the rules read it. */
export interface PaletteType {
  type: string;
  config: { properties: Record<string, TSchema> };
  /** The schema that `msg.payload` must fit, a file of definitions/schemas; or the one for each value of a setting. */
  accepts?: Accepts | undefined;
  /** What it writes outside of the hub: `sale.order`. */
  writes?: string | undefined;
  /** Value maps that it looks things up in. */
  values?: readonly string[] | undefined;
}

export interface Project {
  definitionsDir: string;
  /** Of the palette; undefined for every other type. */
  paletteType(type: string): PaletteType | undefined;
  /** Whether Node-RED has this type at all. */
  exists(type: string): boolean;
  /** Undefined when the settings could be used. `${NAME}` counts as given. */
  wrongSettings(type: string, settings: object): { property: string; message: string } | undefined;
  catalogue: Catalogue;
  authority: Authority;
  partners: Pick<Partners, 'direct' | 'edi'>;
  /** What definitions/interfaces.yaml says. */
  interfaces: Entries;
  policies: ReadonlySet<string>;
  processes: ReadonlySet<string>;
  /** Throws CodedError when it cannot be used. */
  mapping(source: Omit<MappingSource, 'dir' | 'values'>): Mapping;
  environment: Environment;
  /** Whether `${NAME}` has a value here. */
  given(name: string): boolean;
}

export type NodeTypes = Pick<Project, 'paletteType' | 'exists' | 'wrongSettings'>;

/** Reads the definitions. Throws CodedError CONFIG_INVALID, or MAPPING_INVALID of a process, that names the broken file. */
export function openProject(
  definitionsDir: string,
  types: NodeTypes,
  env: NodeJS.ProcessEnv,
  environment = ownEnvironment(join(definitionsDir, 'environments'), env),
): Project {
  const values = loadValueMaps(join(definitionsDir, 'values'));
  const processes = loadProcesses(definitionsDir);
  calendarsFor(definitionsDir, processes);
  loadRetention(definitionsDir);
  loadObjectives(definitionsDir);
  loadAlerting(definitionsDir);
  loadRoles(definitionsDir);
  const listed = new Set([...Object.keys(environment.values ?? {}), ...(environment.secrets ?? [])]);
  return {
    ...types,
    definitionsDir,
    catalogue: loadCatalogue(join(definitionsDir, 'events')),
    authority: loadAuthority(definitionsDir),
    partners: loadPartners(join(definitionsDir, 'partners')),
    interfaces: loadInterfaces(definitionsDir),
    policies: new Set(loadPolicies(join(definitionsDir, 'policies')).keys()),
    processes: new Set(processes.keys()),
    mapping: (source) => compileMapping({ dir: definitionsDir, values, ...source }),
    environment,
    given: (name) => listed.has(name) || Boolean(env[name]),
  };
}
