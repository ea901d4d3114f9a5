/** Shows what would be kept of a webhook, with each masked field to switch off, and keeps it. */
import type { SeenRow } from '../../../../node-red/tower/samples.ts';
import type { Preview } from '../../../../workspace/samples.ts';
import { post, type ApiError } from '../../kit/api.ts';
import { Code } from '../../kit/code.ts';
import { Dialog } from '../../kit/dialog.ts';
import { html, useEffect, useState, type View } from '../../kit/html.ts';
import { Fault, Loading } from '../../kit/page.ts';
import { t } from '../../kit/text.ts';
import { MaskedFields } from './masked-fields.ts';

interface KeepProps {
  row: SeenRow;
  kept(name: string): void;
  close(): void;
}

export function KeepDialog({ row, kept, close }: KeepProps): View {
  const [name, setName] = useState(nameFor(row));
  const [keep, setKeep] = useState<readonly string[]>([]);
  const [preview, show] = useState<Preview>();
  const [failed, fail] = useState<ApiError>();
  useEffect(() => {
    let over = false;
    post<Preview>('/samples/preview', { id: row.id, keep }).then(
      (made) => void (over || show(made)),
      (error: unknown) => void (over || fail(error as ApiError)),
    );
    return () => void (over = true);
  }, [row.id, keep]);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    fail(undefined);
    try {
      await post('/samples/keep', { id: row.id, keep, name });
      kept(name);
    } catch (error) {
      fail(error as ApiError);
    }
  };
  const type = (event: Event): void => setName((event.currentTarget as HTMLInputElement).value);
  return html`<${Dialog} title=${t('samples.title')} onClose=${close}>
    <form onSubmit=${save}>
      <label>
        ${t('samples.name')}
        <input
          required
          pattern="[a-z0-9][a-z0-9._\\-]*"
          title=${t('samples.nameHelp')}
          value=${name}
          onInput=${type}
        />
      </label>
      <${Fault} error=${failed} />
      ${
        preview
          ? html`<${MaskedFields}
                fields=${preview.fields}
                help=${t('samples.maskHelp')}
                ...${{ keep, setKeep }}
              />
              <${Code} value=${bodyText(preview)} language="json" label=${t('samples.body')} readonly />`
          : !failed && html`<${Loading} />`
      }
      <p class="buttons"><button type="submit" disabled=${!preview}>${t('samples.keep')}</button></p>
    </form>
  <//>`;
}

function nameFor({ path, event = '', at }: SeenRow): string {
  const words = `${path} ${event}`.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return `${[...new Set(words)].join('-')}-${at.slice(0, 10)}`;
}

function bodyText({ sample: { body } }: Preview): string {
  return typeof body === 'string' ? body : JSON.stringify(body, undefined, 2);
}
