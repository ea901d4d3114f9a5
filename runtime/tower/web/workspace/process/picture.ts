/** A process as a picture: its steps, the events between them, their times, and how each is taken back. */
import type { ProcessFile } from '../../../../process/definition.ts';
import { html, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';
import { layoutOf, type Box, type Layout } from './layout.ts';

const box = { width: 210, height: 104 };
const gap = { across: 96, down: 28 };
const margin = 16;
/** The start of the process stands before the first column. */
const lead = 120;
/** As many letters as fit in a box. */
const letters = 30;

interface PictureProps {
  process: ProcessFile;
  chosen: string | undefined;
  hrefOf(step: string): string;
}

export function Picture({ process, chosen, hrefOf }: PictureProps): View {
  const layout = layoutOf(process);
  const width = lead + 2 * margin + layout.columns * (box.width + gap.across) - gap.across;
  const height = 2 * margin + layout.rows * (box.height + gap.down) - gap.down;
  return html`<div class="process-picture" role="region" aria-label=${t('process.picture')} tabindex="0">
    <svg width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>
      <defs>
        <marker
          id="process-tip"
          viewBox="0 0 8 8"
          refX="8"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto"
        >
          <path d="M0 0L8 4L0 8z" />
        </marker>
      </defs>
      <text class="process-start" x=${margin} y=${margin + box.height / 2}>${t('process.start')}</text>
      <${Arrows} layout=${layout} />
      ${layout.boxes.map(
        (one) =>
          html`<${StepBox}
            key=${one.name}
            box=${one}
            lost=${layout.unreached.includes(one.name)}
            chosen=${one.name === chosen}
            href=${hrefOf(one.name)}
          />`,
      )}
    </svg>
  </div>`;
}

const leftOf = ({ column }: Box): number => margin + lead + column * (box.width + gap.across);
const topOf = ({ row }: Box): number => margin + row * (box.height + gap.down);

function Arrows({ layout }: { layout: Layout }): View {
  const boxes = new Map(layout.boxes.map((one) => [one.name, one]));
  return layout.arrows.map(({ from, to, event, back }) => {
    const [before, after] = [from === undefined ? undefined : boxes.get(from), boxes.get(to)!];
    const [x, y] = before
      ? [leftOf(before) + box.width, topOf(before) + box.height / 2]
      : [margin + 48, margin + box.height / 2 - 4];
    const [endX, endY] = [leftOf(after), topOf(after) + box.height / 2];
    const bend = Math.max(40, Math.abs(endX - x) / 2);
    return html`<path
      key=${`${from ?? ''} ${to}`}
      class=${`process-arrow${back ? ' back' : ''}`}
      d=${`M${x} ${y}C${x + bend} ${y} ${endX - bend} ${endY} ${endX} ${endY}`}
      marker-end="url(#process-tip)"
    >
      <title>${event}</title>
    </path>`;
  });
}

interface StepProps {
  box: Box;
  chosen: boolean;
  /** No event of the process leads to it. */
  lost: boolean;
  href: string;
}

function StepBox({ box: one, chosen, lost, href }: StepProps): View {
  const { name, step } = one;
  const [x, y] = [leftOf(one), topOf(one)];
  const lines = [
    step.asks ? t('process.asks', { event: step.asks.command }) : t('process.asksNobody'),
    t('process.awaits', { event: step.awaits }),
    step.within
      ? t('process.within', { time: step.within, to: step.late?.to ?? step.late?.do ?? '–' })
      : t('process.noTime'),
    step.undo ? t('process.undone', { how: step.undo.how }) : t('process.notUndone'),
  ];
  const kind = `${step.optional ? ' optional' : ''}${lost ? ' lost' : ''}${chosen ? ' chosen' : ''}`;
  return html`<a class=${`process-step${kind}`} href=${href} aria-current=${chosen ? 'true' : undefined}>
    <title>${[name, ...lines].join('\n')}</title>
    <rect x=${x} y=${y} width=${box.width} height=${box.height} rx="5" />
    <text class="process-name" x=${x + 10} y=${y + 21}>${short(name)}</text>
    ${lines.map((line, index) => html`<text key=${index} x=${x + 10} y=${y + 41 + index * 17}>${short(line)}</text>`)}
  </a>`;
}

const short = (text: string): string => (text.length > letters ? `${text.slice(0, letters - 1)}…` : text);
