/** The studio: a message, the expression, and what comes out, which follows each change at once. */
import type { StudioView } from '../../../../node-red/tower/studio.ts';
import type { Span } from '../../../../workspace/studio/tokens.ts';
import { Code } from '../../kit/code.ts';
import type { Complete } from '../../shared/props.ts';
import { html, useMemo, useState, type View } from '../../kit/html.ts';
import { Fault, Title } from '../../kit/page.ts';
import { may, useMe } from '../../kit/session.ts';
import { t } from '../../kit/text.ts';
import { reopen, type EditedFile } from '../save.ts';
import { SaveBar } from '../savebar.ts';
import type { Message } from './choose-message.ts';
import { Fields } from './fields.ts';
import { marksOf } from './marks.ts';
import { MessageChoice } from './message.ts';
import { movedTargets } from './moved.ts';
import { Result } from './result.ts';
import { SaveTest } from './save-test.ts';
import { completeWith } from './suggest.ts';
import { targetAt } from './target-at.ts';
import { useTold } from './use-told.ts';

interface StudioProps {
  view: StudioView;
  /** The mapping's. */
  file: EditedFile;
  /** That is begun with. */
  first: Message;
  /** Something of it was saved. */
  reload(): Promise<void>;
}

const none: readonly Span[] = [];

export function Studio({ view, file, first, reload }: StudioProps): View {
  const mayWrite = useMe()?.authored === true && may('crossdock.author');
  const { name, schema } = view;
  const { text, base } = file;
  const [message, setMessage] = useState<Message>(first);
  const [isTable, setTable] = useState(false);
  const [spans, show] = useState<readonly Span[]>(none);
  const [at, place] = useState(0);
  const [told, tell] = useState('');
  const { message: given, bindings } = message;
  const wanted = { name, text, schema, message: given, ...(bindings && { bindings }) };
  const { answer, error, of = text } = useTold(wanted);
  const marks = useMemo(() => (answer ? marksOf(answer) : []), [answer]);
  const targets = useMemo(() => movedTargets(answer?.targets ?? [], of, text), [answer, of, text]);
  const target = targetAt(targets, at);
  const complete: Complete = (written, place_) => completeWith({ ...wanted, text: written }, place_);
  const change = (next: string): void => {
    file.changeText(next);
    tell('');
  };
  const tested = async (): Promise<void> => {
    await Promise.all([reopen(file.path), reload()]);
    tell(t('studio.testSaved'));
  };
  // What is not saved is compared with it by the next save.
  const changed = (): void => void (!file.dirty && reopen(file.path));
  return html`<${Title} text=${name} kind=${t('studio.one')}>
      <button type="button" onClick=${() => setTable(!isTable)}>
        ${isTable ? t('studio.asText') : t('studio.asTable')}
      </button>
      ${
        mayWrite &&
        html`<${SaveTest}
          wanted=${{ ...wanted, revision: base?.revision }}
          disabled=${!answer}
          onSaved=${tested}
          onChanged=${changed}
        />`
      }
    <//>
    <p>${view.about}</p>
    <p role="status" class="small">${told}</p>
    <${Fault} error=${error} />
    <div class="studio">
      <${MessageChoice} cases=${view.cases} message=${message} onChange=${setMessage} />
      <section aria-label=${t('studio.expression')}>
        <h2>${t('studio.expression')}</h2>
        <${Code}
          class="studio-code"
          value=${text}
          onChange=${change}
          language="jsonata"
          label=${t('studio.expression')}
          readonly=${!mayWrite}
          marks=${marks}
          shown=${spans}
          complete=${complete}
          onPlace=${place}
        />
        <p class="small">${target ? t('studio.here', { field: target.path }) : t('studio.hereNone')}</p>
      </section>
      <section aria-label=${t('studio.result')}>
        <h2>${t('studio.result')}</h2>
        <${Result} answer=${answer} schema=${schema} marks=${marks} />
      </section>
    </div>
    <${SaveBar} files=${[file]} onSaved=${reload} />
    <section class="panel" hidden=${!isTable}>
      <h2>${t('studio.fields')}</h2>
      ${
        isTable &&
        html`<${Fields}
          ...${{ text, targets, complete, show, change }}
          fields=${view.fields}
          chosen=${target?.path}
          readonly=${!mayWrite}
        />`
      }
    </section>`;
}
