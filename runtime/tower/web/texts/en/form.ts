/** The form of a message's data. */
export const form = {
  required: 'must be filled in',
  none: '(none)',
  remove: 'Remove',
  removeOf: 'Remove {title}',
  addGroup: 'Add: {title}',
  addRow: 'Add a row: {title}',
  hidden: {
    one: 'One more field is not in the form: see the raw JSON.',
    other: '{count} more fields are not in the form: see the raw JSON.',
  },
  raw: 'Raw JSON',
  whole: 'The whole message',
  noSchema: 'No schema of this message is known here, so it is shown as JSON.',
  notJson: 'This is no JSON: look for a missing quote, comma or bracket.',
  dateTime: 'A date and time such as 2026-11-25T10:00:00Z',
  date: 'A date such as 2026-11-25',
  decimal: 'A number with a dot, such as 12.50',
  pattern: 'It has to look like {pattern}',
};
