/** A dialog over the page: the keyboard stays in it, Escape closes it, and then the focus is where it was. */
import { html, useEffect, useId, useRef, type View } from './html.ts';
import { t } from './text.ts';

interface DialogProps {
  title: string;
  onClose(): void;
  children?: View;
}

export function Dialog({ title, onClose, children }: DialogProps): View {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => (before instanceof HTMLElement ? before.focus() : undefined);
  }, []);
  const cancel = (event: Event): void => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${box} class="dialog" aria-labelledby=${id} onCancel=${cancel}>
    <header>
      <h2 id=${id}>${title}</h2>
      <button type="button" class="quiet" aria-label=${t('shell.close')} onClick=${onClose}>✕</button>
    </header>
    ${children}
  </dialog>`;
}
