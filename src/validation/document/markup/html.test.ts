import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHtml } from './html.ts';
import { hiddenLayersOf, payload, testLimits, textIn } from './reading-fixture.ts';

const statement = '<h1>Statement of account</h1><p>Closing balance: 1,250.00 EUR.</p>';
const read = (html: string) => readHtml(new TextEncoder().encode(html), testLimits);
const styled = (style: string) => `${statement}<div style="${style}">${payload}</div>`;
const ruled = (rules: string, content: string) => `<style>${rules}</style>${statement}${content}`;

const concealed: readonly (readonly [name: string, layer: string, html: string])[] = [
  ['display none', 'hidden:display', styled('display:none')],
  ['display none, escaped and important', 'hidden:display', styled('\\64isplay: NONE !important')],
  ['the attribute', 'hidden:display', `${statement}<p hidden>${payload}</p>`],
  ['a rule for a class', 'hidden:display', ruled('.x { display: none }', `<p class="a x">${payload}</p>`)],
  [
    'a rule for a descendant',
    'hidden:display',
    ruled('#y > div .x{display:none}', `<section id=y><div><b><i class=x>${payload}</i></b></div></section>`),
  ],
  [
    'a rule for an attribute',
    'hidden:display',
    ruled('p[data-k="1"]{display:none}', `<p data-k=1>${payload}</p>`),
  ],
  [
    'a rule for all screens',
    'hidden:display',
    ruled('@media screen and (min-width: 1px){p.x{display:none}}', `<p class=x>${payload}</p>`),
  ],
  [
    'a rule behind a comment',
    'hidden:display',
    ruled('/* } */ p.x{/*a*/display:none}', `<p class=x>${payload}</p>`),
  ],
  ['visibility', 'hidden:visibility', styled('visibility:hidden')],
  ['opacity', 'hidden:opacity', styled('opacity:0.01')],
  [
    'opacity in steps',
    'hidden:opacity',
    `<div style="opacity:.2"><div style="opacity:.2">${payload}</div></div>`,
  ],
  ['transparent colour', 'hidden:opacity', styled('color:rgba(0,0,0,0)')],
  ['no size', 'hidden:tiny', styled('font-size:0')],
  ['a size of one pixel in a shorthand', 'hidden:tiny', styled('font: 1px/1 Arial')],
  ['a tiny share of a size', 'hidden:tiny', styled('font-size:5%')],
  ['white on white', 'hidden:colour', styled('color:#fff')],
  ['near white by name', 'hidden:colour', styled('color: snow')],
  ['a colour by hue', 'hidden:colour', styled('color:hsl(0, 0%, 98%)')],
  [
    'the colour of a cell',
    'hidden:colour',
    `<table><tr><td bgcolor="#003366"><font color="#003366">${payload}</font></td></tr></table>`,
  ],
  [
    'a colour by a variable',
    'hidden:colour',
    ruled(':root{--c:#ffffff}', `<p style="color:var(--c)">${payload}</p>`),
  ],
  ['a faint colour', 'hidden:colour', styled('color:rgba(0,0,0,.06)')],
  ['a place off the screen', 'hidden:off-page', styled('position:absolute;left:-9999px')],
  ['an indentation', 'hidden:off-page', styled('text-indent:-9999px')],
  ['a shift', 'hidden:off-page', styled('transform:translateX(-9999px)')],
  ['a clip', 'hidden:clipped', styled('position:absolute;clip:rect(0,0,0,0)')],
  ['a clip path', 'hidden:clipped', styled('clip-path: inset(100%)')],
  ['a box without height', 'hidden:clipped', styled('height:0;overflow:hidden')],
  ['a scale of nothing', 'hidden:clipped', styled('transform:scale(0)')],
  [
    'words cut up',
    'hidden:display',
    `${statement}<p>${payload
      .split(' ')
      .map((word) => `<span hidden>${word}</span>`)
      .join(' ')}</p>`,
  ],
];

const honest: readonly (readonly [name: string, html: string])[] = [
  ['a plain page', statement],
  [
    'a label for screen readers',
    ruled(
      '.sr-only{position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)}',
      '<a class="sr-only" href="#main">Skip to main content</a>',
    ),
  ],
  [
    'a menu that opens on pointing',
    ruled(
      'nav ul{display:none} nav:hover ul{display:block}',
      '<nav><ul><li>Personal loans and overdrafts for students and families</li></ul></nav>',
    ),
  ],
  [
    'a collapsed panel',
    `${statement}<button aria-controls=p>Conditions</button><div id=p hidden>The rate is fixed for the first three years of the contract.</div>`,
  ],
  [
    'folded details',
    `<details><summary>Conditions</summary>The rate is fixed for the first three years of the contract.</details>`,
  ],
  [
    'a collapsed menu of links',
    '<ul style="display:none"><li><a>Home</a></li><li><a>Current accounts</a></li><li><a>Contact us</a></li></ul>',
  ],
  [
    'white on a dark header',
    '<table><tr style="background:#1f3864"><th style="color:white">Description of the payment</th></tr></table>',
  ],
  [
    'white on a picture',
    '<div style="background-image:url(a.png)"><p style="color:#fff">Welcome to your new account</p></div>',
  ],
  [
    'white on dark by rules',
    ruled(
      '.h{background:navy;color:#fff} .h p{color:inherit}',
      '<div class=h><p>Welcome to your new account</p></div>',
    ),
  ],
  [
    'fine print',
    '<p style="font-size:7px;color:#777">Deposits are protected up to 100,000 EUR for each customer.</p>',
  ],
  [
    'alternative texts',
    '<img src="a.png" alt="Chart of the balance over the last twelve months"><a title="Opens the page of conditions in a new window">Conditions</a>',
  ],
  [
    'icons out of the reader’s tree',
    '<span aria-hidden="true">All the figures are in thousands of euros</span>',
  ],
  [
    'a style for print',
    ruled(
      '@media print{.x{display:none}} @media (max-width:600px){.x{display:none}}',
      '<p class=x>All the figures are in thousands of euros</p>',
    ),
  ],
  [
    'spaces of no size',
    '<div style="font-size:0"><span style="font-size:14px">All the figures are in thousands</span></div>',
  ],
  [
    'a script and its style',
    `<style>/* The main colours of the bank are set here */ p{color:navy}</style><script>var a = "Please wait while we load your data";</script>${statement}`,
  ],
  [
    'a form',
    '<form><input type=hidden name=csrf value="x9"><input placeholder="Enter your annual income before tax"><textarea>Some text</textarea></form>',
  ],
];

describe('readHtml', () => {
  it.each(concealed)('finds %s as %s', async (_, layer, html) => {
    const extraction = await read(html);
    expect(textIn(extraction, layer)).toContain(payload);
    expect(hiddenLayersOf(extraction)).toEqual([layer]);
    expect(textIn(extraction, 'visible')).not.toContain(payload);
  });

  it.each(honest)('raises no alarm for %s', async (_, html) => {
    expect(hiddenLayersOf(await read(html))).toEqual([]);
  });

  it('lets nothing unfold that no one can unfold', async () => {
    const extraction = await read(
      `<button hidden aria-controls=p>Conditions</button><div id=p hidden>${payload}</div>`,
    );
    expect(textIn(extraction, 'hidden:display')).toContain(payload);
  });

  it('takes many labels for what they are together', async () => {
    const labels = Array.from(
      { length: 30 },
      (_, i) => `<div hidden>part ${'abcdefghijklmnopqrstuvwxyzäöüß'[i]} of this</div>`,
    );
    expect(hiddenLayersOf(await read(labels.join('')))).toEqual(['hidden:display']);
  });

  it.each([
    ['metadata', 'comment', `<!-- ${payload} -->`],
    ['metadata', 'template', `<template><p>${payload}</p></template>`],
    ['annotation', 'noscript', `<body><noscript><p>${payload}</p></noscript>`],
    ['metadata', 'script', `<script type="application/json">{"a": "${payload}"}</script>`],
    ['metadata', 'style', `<style>p::before{content:"${payload}"}</style>`],
    ['metadata', 'meta', `<meta name=description content="${payload}">`],
    ['metadata', 'attribute', `<p data-note="${payload}">`],
    ['annotation', 'attribute', `<img alt="${payload}">`],
    ['annotation', 'attribute', `<p aria-label="${payload}">`],
    ['annotation', 'title', `<title>${payload}</title>`],
    ['annotation', 'conditional', `<body><!--[if mso]><p>${payload}</p><![endif]-->`],
    ['form', 'form', `<input value="${payload}">`],
  ])('finds text in the layer %s as %s', async (layer, part, html) => {
    expect(textIn(await read(html), layer, part)).toContain(payload);
  });

  it('hands over what a page carries in itself', async () => {
    const extraction = await read(
      `<img src="data:image/png;base64,iVBORw=="><iframe srcdoc="<p>${payload}</p>"></iframe>`,
    );
    expect(extraction.kind === 'read' && extraction.attachments).toEqual([
      { place: 'embedded=1', mediaType: 'image/png', bytes: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) },
      { place: 'embedded=2', mediaType: 'text/html', bytes: new TextEncoder().encode(`<p>${payload}</p>`) },
    ]);
  });

  it('reads old encodings', async () => {
    const bytes = new Uint8Array(Buffer.from('<p>Gebühr für Überweisung</p>', 'latin1'));
    expect(textIn(await readHtml(bytes, testLimits), 'visible')).toBe('Gebühr für Überweisung');
  });

  it.each([
    ['depth', '<div>'.repeat(1_000_000)],
    ['elements', '<p>'.repeat(1_000_000)],
    ['attributes', `<p ${Array.from({ length: 100_000 }, (_, i) => `a${i}`).join(' ')}>`],
    ['depth', Array.from({ length: 3000 }, (_, i) => `<p><b id=${i}>`).join('')],
    ['style-rules', `<style>${'p b{color:red}'.repeat(20_000)}</style>${'<b></b>'.repeat(10_000)}`],
    ['characters', `<p>${'word '.repeat(100_000)}`],
  ])('ends at a bound: %s', async (detail, html) => {
    expect(await read(html)).toEqual({ kind: 'too-large', detail });
  });

  it('ends with what is left unclosed', async () => {
    const scripts = `<script>${'/*"'.repeat(300_000)}</script><style>${'{/*'.repeat(300_000)}</style>`;
    expect((await read(scripts)).kind).toBe('read');
    expect((await read(`<p style="${'('.repeat(100_000)}">a`)).kind).toBe('read');
  });

  it('answers for whatever bytes', async () => {
    const markup = fc.array(
      fc.constantFrom(
        '<p',
        '<table',
        '<template',
        '<svg>',
        ' style="',
        'display:none',
        '">',
        '</p>',
        '<!--',
        '-->',
        '<![CDATA[',
        '<style>',
        '{',
        '}',
        '@media',
        '/*',
        'a',
        '\\',
        '\u0000',
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array(),
          markup.map((parts) => new TextEncoder().encode(parts.join(''))),
        ),
        async (bytes) => {
          expect(['read', 'unreadable', 'too-large']).toContain((await readHtml(bytes, testLimits)).kind);
        },
      ),
      { numRuns: 500, seed: 5 },
    );
  });
});
