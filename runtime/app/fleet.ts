/** This hub among those of its store: the releases that are sent to it, and what it tells the others. */
import { tellWorkersRefused } from '../node-red/by-hand.ts';
import type { Deploys } from '../node-red/deploys.ts';
import { releaseSwitcher } from '../node-red/switcher.ts';
import { bringingWorkingCopies } from '../authoring/working.ts';
import { membership, type MemberOptions } from '../release/member.ts';
import { rolling } from '../release/rolling.ts';
import { followSuccession } from '../release/succession.ts';
import { openTarget } from '../release/target.ts';
import { trustedKeys } from '../signature/keys.ts';
import type { Base } from './here.ts';

export type Fleet = ReturnType<typeof fleetOf>;

export function fleetOf(base: Base, deploys: Deploys) {
  const { active, hub, dataDir, outputsOf, env, environment, log, worker, own } = base;
  const { documents, audit } = hub.journal;
  const switcher = releaseSwitcher({ ...active, hub, deploys, dataDir, outputsOf, env });
  const { id } = hub.journal.watched;
  const fleet = { documents, id, log, switcher, rolling: rolling({ documents, id, log }) };
  const target = openTarget({
    ...fleet,
    audit,
    environment,
    trusted: () => trustedKeys(dataDir, env),
    succeeded: async (steps, by) => void (await followSuccession({ dataDir, env, audit }, steps, by)),
  });
  return {
    target,
    runs: switcher.runs,
    /** Makes this process one of the hubs of the store, until the returned function is called. */
    join(): () => Promise<void> {
      if (active.authored())
        deploys.each(bringingWorkingCopies({ ...fleet, ...own, failed: tellWorkersRefused }));
      return member({ ...fleet, worker, production: environment.production ?? false });
    },
  };
}

const lookMs = 1000;

function member(options: MemberOptions): () => Promise<void> {
  const { poll, gone } = membership(options);
  const now = (): void =>
    void poll().catch((error: unknown) =>
      options.log.warn({ err: error }, 'What runs here is told to the others later'),
    );
  const timer = setInterval(now, lookMs).unref();
  now();
  return async () => {
    clearInterval(timer);
    await gone().catch(() => {});
  };
}
