/** What the catalogue asks of the palette. */
import type { OutputsOf } from '../flow-file/format.ts';
import type { NodeTypes } from '../lint/project.ts';
import type { Facts } from './bring.ts';
import type { TitleOf } from './variables.ts';

export interface Knowledge {
  facts: Facts;
  titleOf: TitleOf;
}

export function knowledgeOf({ outputsOf, types }: { outputsOf: OutputsOf; types: NodeTypes }): Knowledge {
  return {
    facts: {
      outputsOf,
      writesOf: (type) => types.paletteType(type)?.writes,
      readsOf(type) {
        const { accepts, values = [] } = types.paletteType(type) ?? {};
        const schemas = typeof accepts === 'string' ? [accepts] : Object.values(accepts?.of ?? {});
        return [...schemas.map((name) => `schemas/${name}`), ...values.map((name) => `values/${name}`)];
      },
    },
    titleOf: (type, setting) =>
      (types.paletteType(type)?.config.properties[setting] as { title?: string } | undefined)?.title,
  };
}
