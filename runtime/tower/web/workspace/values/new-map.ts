/** A new value map: what it is called, who owns it, and what it is for. */
import { html, useState, type View } from '../../kit/html.ts';
import { navigate } from '../../kit/route.ts';
import { t } from '../../kit/text.ts';
import { begin } from '../save.ts';

interface NewProps {
  known: readonly string[];
  /** A name that somebody came with. */
  wanted: string;
}

export function NewMap({ known, wanted }: NewProps): View {
  const [{ map, owner, summary }, set] = useState({ map: wanted, owner: '', summary: '' });
  const taken = known.includes(map.trim());
  const make = (event: Event): void => {
    event.preventDefault();
    const name = map.trim();
    begin(`definitions/values/${name}.yaml`, {
      map: name,
      owner: owner.trim(),
      summary: summary.trim(),
      entries: [],
    });
    navigate(`/workspace/values/${name}`);
  };
  const typed =
    (name: 'map' | 'owner' | 'summary') =>
    (event: Event): void =>
      set({ map, owner, summary, [name]: (event.currentTarget as HTMLInputElement).value });
  return html`<details class="panel" open=${wanted !== ''}>
    <summary>${t('values.new')}</summary>
    <form class="add-entry" onSubmit=${make}>
      <label
        >${t('values.map')}
        <input
          required
          pattern="[a-z][a-z0-9\\-]*"
          title=${t('values.newHelp')}
          value=${map}
          onInput=${typed('map')}
      /></label>
      <label>${t('values.owner')} <input required value=${owner} onInput=${typed('owner')} /></label>
      <label>${t('values.summary')} <input required value=${summary} onInput=${typed('summary')} /></label>
      <p class="small">${t('values.newHelp')}</p>
      ${taken && html`<p class="fault" role="alert">${t('values.taken')}</p>`}
      <button type="submit" disabled=${taken}>${t('values.begin')}</button>
    </form>
  </details>`;
}
