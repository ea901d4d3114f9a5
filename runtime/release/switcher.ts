/** How the content of a release comes to run in the hub, as those that decide on it see that. */
import type { Bundle } from './bundle.ts';
import type { Content, Runs } from './fleet.ts';

/** Changes what the hub runs. */
export interface Switcher {
  /** Throws CodedError ENVIRONMENT_INCOMPLETE when it could not run here. */
  check(bundle: Pick<Bundle, 'manifest'>): void;
  /**
   * Drains, switches and reads back. Throws when it does not run as it is; then anything may run. What is `known` not to
   * run as it should where it was made does not count.
   */
  run(content: Content | undefined, known?: readonly string[]): Promise<void>;
  /** How what runs differs from this, in words. */
  differences(content: Content): string[];
  /** What runs since its last switch, or its start. */
  runs(): Runs;
}
