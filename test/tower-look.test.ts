/** What the tower shows can be read, light and dark: contrast as WCAG 2.2 AA asks for it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const css = readFileSync('runtime/tower/web/look/page.css', 'utf8');

function coloursIn(block: string): Map<string, string> {
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)].map(([, name = '', hex = '']) => [name, hex]),
  );
}

const [light = '', dark = ''] = [...css.matchAll(/:root \{(.*?)\}/gs)].map(([, block = '']) => block);
const looks = { light: coloursIn(light), dark: new Map([...coloursIn(light), ...coloursIn(dark)]) };

function luminance(hex: string): number {
  const full = hex.length === 4 ? hex.replaceAll(/[0-9a-f]/g, '$&$&') : hex;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(full.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, two: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(two)].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** What is written in which colour, and on which ground it stands. */
const written: Record<string, string[]> = {
  text: ['ground', 'surface', 'surface-hover', 'good-ground', 'warning-ground', 'bad-ground'],
  'text-soft': ['ground', 'surface', 'surface-hover', 'warning-ground', 'bad-ground'],
  link: ['ground', 'surface', 'surface-hover', 'warning-ground', 'bad-ground'],
  good: ['surface', 'good-ground'],
  warning: ['surface', 'warning-ground'],
  bad: ['surface', 'ground', 'bad-ground'],
  surface: ['link'],
  'on-brand': ['brand'],
};

describe('the look of the tower', () => {
  for (const [look, colours] of Object.entries(looks)) {
    it(`can be read when it is ${look}`, () => {
      const of = (name: string): string => colours.get(name) ?? assert.fail(`no colour ${name}`);
      for (const [text, grounds] of Object.entries(written)) {
        for (const ground of grounds) {
          const ratio = contrast(of(text), of(ground));
          assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
        }
      }
      // The edges of fields and the ring around what has the focus.
      for (const edge of ['line-strong', 'link', 'good', 'bad']) {
        const ratio = contrast(of(edge), of('surface'));
        assert.ok(ratio >= 3, `${edge}: ${ratio.toFixed(2)}`);
      }
    });
  }

  it('is measured as WCAG measures it', () => {
    assert.equal(contrast('#000', '#ffffff'), 21);
    assert.equal(contrast('#767676', '#fff').toFixed(2), '4.54');
  });
});
