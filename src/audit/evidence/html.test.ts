import { describe, expect, it } from 'vitest';
import type { Finding } from '../../decision/finding.ts';
import { attribute, html } from './html.ts';
import { quote } from './report/pieces.ts';

const finding = (start: number, end: number, rule: string): Finding => ({
  surface: 'chat',
  origin: '/input',
  detector: 'd',
  detectorVersion: '1',
  rule,
  score: 1,
  span: { start, end },
  via: [],
});

describe('the html tag', () => {
  it('escapes every value and keeps its own text', () => {
    expect(html`<p>${'<b a="1">&\'</b>'}${['x', null, 2]}${html`<i>${'<'}</i>`}</p>`.markup).toBe(
      '<p>&lt;b a=&quot;1&quot;&gt;&amp;&#39;&lt;/b&gt;x2<i>&lt;</i></p>',
    );
  });

  it.each([
    ['right-to-left override', 'a\u202eb', 'U+202E'],
    ['zero width space', 'a\u200bb', 'U+200B'],
    ['a control', 'a\u0007b', 'U+0007'],
    ['a soft hyphen', 'a\u00adb', 'U+00AD'],
    ['a Hangul filler', 'a\u3164b', 'U+3164'],
    ['a variation selector', 'a\ufe0fb', 'U+FE0F'],
    ['a no-break space', 'a\u00a0b', 'U+00A0'],
    ['a lone surrogate', 'a\ud800b', 'U+D800'],
    ['a tag character', 'a\u{e0041}b', 'U+E0041'],
  ])('shows %s', (_what, text, named) => {
    expect(html`${text}`.markup).toBe(`a<span class="unseen">${named}</span>b`);
    expect(attribute(text).markup).toBe(`a${named}b`);
  });

  it('sums up long runs and says what tag characters spell', () => {
    const tags = Array.from('IGNORE ALL', (one) => String.fromCodePoint(0xe0000 + one.charCodeAt(0))).join(
      '',
    );
    expect(html`${tags}`.markup).toContain('… 10 unseen characters, spelling “IGNORE ALL”');
  });

  it('leaves lines, tabs and every script alone', () => {
    const text = 'a\n\tb ä λ 中文 עברית 👍';
    expect(html`${text}`.markup).toBe(text);
  });
});

describe('a quoted text', () => {
  it('marks spans by the offsets of the source, escaped, and joins those that overlap', () => {
    const findings = [finding(2, 5, 'one'), finding(4, 7, 'two'), finding(9, 99, 'three')];
    const { markup } = quote({ caption: 'c', text: '<a>bcdefghij', kind: 'data', findings });
    expect(markup).toContain(
      '&lt;a<mark title="found: one, two">&gt;bcde</mark>fg<mark title="found: three">hij</mark>',
    );
  });
});
