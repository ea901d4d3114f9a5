/** The map drawn: each flow a box that leads to it in the editor, each way a line with its events. */
import { editorOf } from '../../kit/address.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';
import { boxHeight, boxWidth, type Box, type Drawn, type Way } from './place.ts';

interface DrawingProps {
  drawn: Drawn;
  /** What was asked for stands out: these flows. Undefined: nothing was asked. */
  found: ReadonlySet<string> | undefined;
  /** And these events. */
  events: ReadonlySet<string> | undefined;
}

export function Drawing({ drawn, found, events }: DrawingProps): View {
  const { boxes, ways, width, height } = drawn;
  const [at, setAt] = useState('');
  const strong = ({ from, to, events: carried }: Way): boolean =>
    at !== '' ? from === at || to === at : events ? carried.some((one) => events.has(one)) : false;
  const near = new Set(ways.filter(strong).flatMap(({ from, to }) => [from, to]));
  const faint = ({ flow }: Box): boolean =>
    at !== '' ? flow !== at && !near.has(flow) : found !== undefined && !found.has(flow);
  const ordered = [...ways.filter((way) => !strong(way)), ...ways.filter(strong)];
  return html`<div class="map-scroll" tabindex="0" role="region" aria-label=${t('map.picture')}>
    <svg width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>
      <defs>
        <marker
          id="map-arrow"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto"
        >
          <path d="M0 0 L8 4 L0 8 z" class="map-arrow" />
        </marker>
      </defs>
      <g aria-hidden="true">
        ${ordered.map(
          (way) =>
            html`<path
              key=${`${way.from} ${way.to}`}
              d=${way.path}
              class=${`map-way${strong(way) ? ' strong' : at !== '' || found ? ' faint' : ''}`}
              marker-end="url(#map-arrow)"
            >
              <title>${`${way.from} → ${way.to}: ${way.events.join(', ')}`}</title>
            </path>`,
        )}
      </g>
      ${boxes.map(
        (box) =>
          html`<${FlowBox}
            key=${box.flow}
            box=${box}
            faint=${faint(box)}
            pointed=${setAt}
            current=${at === box.flow}
          />`,
      )}
    </svg>
  </div>`;
}

interface FlowBoxProps {
  box: Box;
  faint: boolean;
  current: boolean;
  pointed(flow: string): void;
}

function FlowBox({ box, faint, current, pointed }: FlowBoxProps): View {
  const { flow, x, y, sources, targets } = box;
  const kind = sources.length > 0 ? 'in' : targets.length > 0 ? 'out' : 'between';
  return html`<a
    href=${editorOf(flow)}
    class=${`map-flow ${kind}${faint ? ' faint' : ''}${current ? ' strong' : ''}`}
    aria-label=${`${flow}: ${box.summary}`}
    onMouseEnter=${() => pointed(flow)}
    onMouseLeave=${() => pointed('')}
    onFocus=${() => pointed(flow)}
    onBlur=${() => pointed('')}
  >
    <rect x=${x} y=${y} width=${boxWidth} height=${boxHeight} rx="5" />
    <text x=${x + boxWidth / 2} y=${y + 21} text-anchor="middle">${flow}</text>
    <title>${box.summary}</title>
  </a>`;
}
