/** Light only, system fonts, no colour that carries meaning alone: it has to work on paper and without ink. */
export const style = `
:root { color-scheme: light; --ink: #14202b; --soft: #46525e; --line: #c9d0d6; --pale: #f3f5f7; --accent: #17406d;
  --serif: Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, "DejaVu Serif", serif;
  --sans: system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif;
  --mono: ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
* { box-sizing: border-box; }
html { background: #fff; }
body { margin: 0 auto; max-width: 54rem; padding: 2.5rem 1.5rem 4rem; color: var(--ink); background: #fff;
  font: 1rem/1.5 var(--serif); overflow-wrap: break-word; }
h1, h2, h3, th, dt, caption, nav, .kind, .label, .verdict { font-family: var(--sans); }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .35rem; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .8rem; padding-top: .7rem; border-top: 2px solid var(--accent); color: var(--accent); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--accent); }
.kind { margin: 0 0 .6rem; font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; color: var(--soft); }
.lead { font-size: 1.1rem; }
.note { color: var(--soft); font-size: .92rem; }
.outcome { margin: 1.4rem 0; padding: 1rem 1.2rem; border: 1px solid var(--line); border-left: 6px solid var(--accent); background: var(--pale); }
.outcome p { margin: .15rem 0; }
.outcome .verdict { font-size: 1.5rem; font-weight: 650; line-height: 1.25; }
nav ol { columns: 2; column-gap: 2.5rem; margin: .5rem 0 0; padding-left: 1.5rem; font-size: .92rem; }
nav li { break-inside: avoid; }
dl { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; margin: .6rem 0; border-top: 1px solid var(--line); }
dt, dd { margin: 0; padding: .35rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); font-size: .88rem; padding-right: 1rem; }
dd { min-width: 0; }
table { width: 100%; border-collapse: collapse; margin: .8rem 0 1.2rem; font-size: .9rem; }
caption { text-align: left; font-size: .85rem; color: var(--soft); padding-bottom: .35rem; caption-side: top; }
thead th { text-align: left; font-size: .8rem; font-weight: 600; color: var(--soft); border-bottom: 1.5px solid var(--ink); vertical-align: bottom; }
tbody th { text-align: left; font-weight: 500; font-size: .88rem; }
th, td { padding: .35rem .7rem .35rem 0; vertical-align: top; }
tbody td, tbody th { border-bottom: 1px solid var(--line); }
td.number, thead th.number, tbody th.number { text-align: right; font-variant-numeric: tabular-nums; }
.mono { font-family: var(--mono); font-size: .82em; overflow-wrap: anywhere; }
.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
figure { margin: .8rem 0 1.2rem; border: 1px solid var(--line); }
figcaption { padding: .35rem .8rem; background: var(--pale); border-bottom: 1px solid var(--line); font: .8rem/1.4 var(--sans); color: var(--soft); }
figure pre { margin: 0; padding: .7rem .8rem; font: .82rem/1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; tab-size: 2; }
figure.data { border-left: 4px solid #8a6d1f; }
figure.instructions { border-left: 4px solid var(--accent); }
figure.hidden-text { border-style: dashed; border-left: 4px solid #9c1c1c; }
mark { background: #ffe38a; color: inherit; border-bottom: 2px solid #9c1c1c; padding: 0 .05em; }
.unseen { font: 600 .78em/1.2 var(--mono); border: 1px solid #9c1c1c; color: #7d1414; background: #fff; padding: 0 .2em; border-radius: 2px; }
.verdict-pass { color: #1c5a33; } .verdict-refuse { color: #8f1717; } .verdict-review { color: #6b4e00; }
.verdict-pass, .verdict-refuse, .verdict-review { font-family: var(--sans); font-weight: 650; }
bdi { unicode-bidi: isolate; }
footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--line); font-size: .85rem; color: var(--soft); }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dt { border-bottom: 0; padding-bottom: 0; } nav ol { columns: 1; } }
@media print {
  html { font-size: 10pt; }
  body { max-width: none; padding: 0; }
  h1 { font-size: 20pt; } h2 { font-size: 13pt; margin-top: 18pt; }
  h2, h3, caption, figcaption, thead, .intro { break-after: avoid; }
  tr, dt, dd, .outcome, .short { break-inside: avoid; }
  thead { display: table-header-group; }
  figure { break-inside: auto; box-decoration-break: clone; -webkit-box-decoration-break: clone; }
  p { orphans: 3; widows: 3; }
  a { color: inherit; text-decoration: none; }
  mark, .outcome, figcaption, th { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}`;

/** Margins that fit A4 and Letter; every sheet names the decision, so that a lost page finds its way back. */
export function pageStyle(decisionId: string, variant: string): string {
  const font = 'font: 7.5pt system-ui, "Helvetica Neue", Arial, sans-serif; color: #46525e;';
  return `
@page { size: auto; margin: 20mm 17mm 19mm;
  @top-left { content: "Countersign · evidence of decision ${decisionId}"; ${font} }
  @top-right { content: "${variant}"; ${font} }
  @bottom-left { content: "Confidential · hand on only with manifest.json and manifest.sig"; ${font} }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); ${font} } }
@page :first { @top-left { content: none; } @top-right { content: none; } }`;
}
