/** The words in a code field. */
export const code = {
  completions: 'Was hier stehen kann',
  marks: 'Was markiert ist',
  noMarks: 'Nichts ist markiert',
  control: 'Steuerzeichen',
  undo: 'Rückgängig',
};
