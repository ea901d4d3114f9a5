/** What the hub says of an expression, as marks in it. */
import type { RunAnswer } from '../../../../workspace/studio/run.ts';
import type { Mark } from '../../shared/props.ts';
import { said } from '../../kit/page.ts';
import { t } from '../../kit/text.ts';

export function marksOf({ error, wrong = [] }: RunAnswer): Mark[] {
  const ofError: Mark[] =
    error?.line === undefined
      ? []
      : [{ line: error.line, column: error.column ?? 1, message: messageOf(error), severity: 'error' }];
  const ofNames = wrong.map(({ kind, path, like, line, column, at }): Mark => {
    const hint = like.length > 0 ? ` ${t('studio.like', { names: like.join(', ') })}` : '';
    return {
      line,
      column,
      length: at.to - at.from,
      message: kind === 'unknown' ? `${t('studio.unknown', { path })}${hint}` : t('studio.absent', { path }),
      severity: kind === 'unknown' ? 'warning' : 'info',
    };
  });
  return [...ofError, ...ofNames];
}

/** The hub's own words tell more of an expression than those for its code. */
export function messageOf(error: { code: string; message: string }): string {
  return error.message || said(error);
}
