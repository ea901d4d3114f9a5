/** The part of the package `edifact` that is used; it has no types of its own. */
declare module 'edifact/parser.js' {
  export default class Parser {
    onopensegment: (name: string) => void;
    onelement: () => void;
    oncomponent: (value: string) => void;
    /** Which characters are taken: UNOY has them all. */
    encoding(level: 'UNOY'): void;
    /** Throws for a text that is no EDIFACT. */
    write(text: string): void;
    end(): void;
  }
}
