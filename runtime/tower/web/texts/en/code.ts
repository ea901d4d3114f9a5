/** The words in a code field. */
export const code = {
  completions: 'What can stand here',
  marks: 'What is marked',
  noMarks: 'Nothing is marked',
  control: 'Control character',
  undo: 'Undo',
};
