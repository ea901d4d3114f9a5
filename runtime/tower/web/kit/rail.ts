/** Milestones from the first to the last: which are behind, which one is under way, what was planned. */
import { html, type View } from './html.ts';

export interface Milestone {
  id: string;
  text: string;
  state: 'done' | 'doing' | 'waiting' | 'failed' | 'skipped';
  /** `state` in words. */
  said: string;
  /** After what was planned. */
  late?: boolean;
  /** Below it: planned and actual. */
  detail?: View;
}

export function Rail({ label, milestones }: { label: string; milestones: readonly Milestone[] }): View {
  return html`<ol class="rail" aria-label=${label}>
    ${milestones.map(
      ({ id, text, state, said, late, detail }) =>
        html`<li
          key=${id}
          class=${`${state}${late ? ' late' : ''}`}
          aria-current=${state === 'doing' ? 'step' : undefined}
        >
          <b>${text}</b> <span class="said">${said}</span>
          ${detail && html`<div class="small">${detail}</div>`}
        </li>`,
    )}
  </ol>`;
}
