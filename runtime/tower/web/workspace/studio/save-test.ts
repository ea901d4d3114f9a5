/** Keeps the message and what comes out of it as a test case, without what is about a person. */
import type { KeptMessage } from '../../../../node-red/tower/studio.ts';
import type { RunWanted } from '../../../../workspace/studio/run.ts';
import { post, type ApiError } from '../../kit/api.ts';
import { Code } from '../../kit/code.ts';
import { Dialog } from '../../kit/dialog.ts';
import { html, useEffect, useState, type View } from '../../kit/html.ts';
import { Fault, Loading } from '../../kit/page.ts';
import { t } from '../../kit/text.ts';
import { MaskedFields } from '../samples/masked-fields.ts';

interface SaveTestProps {
  /** `revision`: of the mapping's text. */
  wanted: RunWanted & { revision: string | undefined };
  disabled: boolean;
  onSaved(): Promise<void>;
  /** Somebody else has saved the mapping. */
  onChanged(): void;
}

export function SaveTest({ wanted, disabled, onSaved, onChanged }: SaveTestProps): View {
  const [isOpen, open] = useState(false);
  return html`<button type="button" disabled=${disabled} onClick=${() => open(true)}>
      ${t('studio.test')}
    </button>
    ${
      isOpen &&
      html`<${Dialog} title=${t('studio.test')} onClose=${() => open(false)}>
        <${TestForm} ...${{ wanted, onChanged }} onSaved=${() => onSaved().then(() => open(false))} />
      <//>`
    }`;
}

function TestForm({ wanted, onSaved, onChanged }: Omit<SaveTestProps, 'disabled'>): View {
  const { message } = wanted;
  const [name, setName] = useState('');
  const [keep, setKeep] = useState<readonly string[]>([]);
  const [kept, show] = useState<KeptMessage>();
  const [failed, fail] = useState<ApiError>();
  useEffect(() => {
    let over = false;
    post<KeptMessage>('/studio/masked', { message, keep }).then(
      (made) => void (over || show(made)),
      (error: unknown) => void (over || fail(error as ApiError)),
    );
    return () => void (over = true);
  }, [message, keep]);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    fail(undefined);
    try {
      await post('/studio/test', { ...wanted, keep, case: name.trim() });
      await onSaved();
    } catch (error) {
      fail(error as ApiError);
      if ((error as ApiError).code === 'FILE_CHANGED') onChanged();
    }
  };
  const typed = (event: Event): void => setName((event.currentTarget as HTMLInputElement).value);
  return html`<form onSubmit=${save}>
    <p>
      <label class="wide">${t('studio.testName')} <input required value=${name} onInput=${typed} /></label>
    </p>
    ${
      kept
        ? html`<${MaskedFields} fields=${kept.fields} help=${t('studio.maskHelp')} ...${{ keep, setKeep }} />
            <${Code} value=${kept.message} language="json" label=${t('samples.body')} readonly />`
        : !failed && html`<${Loading} />`
    }
    <${Fault} error=${failed} />
    <p class="buttons">
      <button class="primary" disabled=${!kept || name.trim() === ''}>${t('studio.save')}</button>
    </p>
  </form>`;
}
