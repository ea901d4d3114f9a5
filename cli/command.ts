/** What a command is, and what its manual. */

export interface Command {
  /** How the command is called, and what it does; one line for each form. */
  help: readonly (readonly [how: string, ...what: string[]])[];
  run(args: string[]): Promise<void>;
}

export interface Manual {
  /** The words that may follow the command, where it has some. */
  words?: readonly string[];
  /** `--name`, or `--name VALUE`; `…` after the value where it may stand several times. */
  options?: Readonly<Record<string, string>>;
  examples: readonly (readonly [command: string, what: string])[];
}
