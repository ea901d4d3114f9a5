/** How much of the hub each tier of flows may take: definitions/limits.yaml. */
import Type from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';

/** The highest first. */
export const tiers = ['critical', 'standard', 'bulk'] as const;
export type Tier = (typeof tiers)[number];
export type ByTier<T> = Record<Tier, T>;

/** The tier a flow names; standard when it names none, or one that does not exist. */
export function tierOf(text: string): Tier {
  return tiers.find((tier) => tier === text) ?? 'standard';
}

export interface TierLimits {
  /** Shares, above 0 and at most 1, each of a tier together with the tiers below it. */
  requests: number;
  deliveries: number;
  store: number;
  /** Its weight among the tiers that wait. */
  turns: number;
  /** Messages in a queue. */
  backlog: number;
}

export interface Limits {
  /** Webhooks at work at once. */
  requests: number;
  /** Megabytes of their bodies. */
  bodies: number;
  /** Messages from queues at work at once. */
  deliveries: number;
  tiers: ByTier<TierLimits>;
}

const share = Type.Number({ exclusiveMinimum: 0, maximum: 1 });
const count = Type.Integer({ minimum: 1 });
const closed = { additionalProperties: false };
const ofTier = Type.Object(
  { requests: share, deliveries: share, store: share, turns: count, backlog: count },
  closed,
);
const schema = ownSchema(
  Type.Object(
    {
      requests: count,
      bodies: count,
      deliveries: count,
      tiers: Type.Object({ critical: ofTier, standard: ofTier, bulk: ofTier }, closed),
    },
    closed,
  ),
);

/** Throws CodedError CONFIG_INVALID that names file and line, or the tier that may take more than a higher one. */
export function loadLimits(file: string): Limits {
  const limits = readYaml<Limits>(file, schema);
  for (const what of ['requests', 'deliveries', 'store', 'backlog'] as const) {
    const lower = tiers.find(
      (tier, at) => at > 0 && of(limits, what)[tier] > of(limits, what)[tiers[at - 1]!],
    );
    if (lower) {
      const message = `${file}: ${what} of ${lower} is more than that of the tier above`;
      throw new CodedError('CONFIG_INVALID', message, { file });
    }
  }
  return limits;
}

/** One limit of every tier. */
export function of(limits: Limits, what: keyof TierLimits): ByTier<number> {
  const { critical, standard, bulk } = limits.tiers;
  return { critical: critical[what], standard: standard[what], bulk: bulk[what] };
}
