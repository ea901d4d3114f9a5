/** One of several, in the row of filters. */
import { html, type View } from '../../kit/html.ts';

interface ChoiceProps {
  label: string;
  value: string;
  /** What it is in the URL, and what it is called. */
  options: readonly (readonly [value: string, text: string])[];
  onChoose(value: string): void;
}

export function Choice({ label, value, options, onChoose }: ChoiceProps): View {
  const choose = (event: Event): void => onChoose((event.currentTarget as HTMLSelectElement).value);
  const known = options.some(([one]) => one === value);
  return html`<label>
    ${label}
    <select value=${value} onChange=${choose}>
      ${!known && html`<option value=${value}>${value}</option>`}
      ${options.map(([one, text]) => html`<option key=${one} value=${one} selected=${one === value}>${text}</option>`)}
    </select>
  </label>`;
}
