/** What a command is. */

export interface Command {
  /** How it is called, and what it does; a line each. */
  help: readonly (readonly [how: string, ...what: string[]])[];
  run(args: string[]): Promise<void>;
}
