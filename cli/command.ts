/** What a command is. */

export interface Command {
  /** How the command is called, and what it does; one line for each form. */
  help: readonly (readonly [how: string, ...what: string[]])[];
  run(args: string[]): Promise<void>;
}
