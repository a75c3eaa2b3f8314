import { type Html, html, Html as Markup } from './html.ts';
import { redactionRules } from './redaction.ts';
import { asked } from './report/asked.ts';
import { decided } from './report/decided.ts';
import { gates } from './report/gates.ts';
import { moment, section } from './report/pieces.ts';
import { accesses, proofs, timeline } from './report/proofs.ts';
import { residency } from './report/residency.ts';
import { retention } from './report/retention.ts';
import { said } from './report/said.ts';
import { shown } from './report/shown.ts';
import { pageStyle, style } from './report/style.ts';
import { outcomeTitle, summary } from './report/summary.ts';
import { versions } from './report/versions.ts';
import type { Telling } from './telling.ts';

/** Nothing in the report may run or load, whatever a text from outside says. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const contents: readonly (readonly [string, string])[] = [
  ['summary', 'Summary'],
  ['asked', 'What was asked'],
  ['shown', 'What the model was shown'],
  ['said', 'What it said'],
  ['gates', 'What each gate found'],
  ['decided', 'Who decided'],
  ['versions', 'Under which versions'],
  ['residency', 'Where the data went'],
  ['retention', 'How long it is kept'],
  ['timeline', 'Timeline'],
  ['proofs', 'Proofs'],
  ['accesses', 'Who read this record'],
  ['check', 'How to check this'],
];

/** The whole story of a decision as one HTML file that needs nothing beside itself. */
export function writeReport(telling: Telling): string {
  const { first, variant, exportedAt, file } = telling;
  const { decisionId } = first;
  const sections = contents.filter(([id]) => id !== 'accesses' || variant === 'full');
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Decision ${decisionId} – ${outcomeTitle(telling)}</title>
<style>${new Markup(style + pageStyle(decisionId, variant === 'full' ? 'full' : 'redacted'))}</style>
</head>
<body>
<header>
<p class="kind">Evidence of a decision${variant === 'redacted' ? ' · redacted' : ''}</p>
<h1>${first.decisionType ?? 'A request without a decision type'}</h1>
<p class="lead">Decision ${decisionId}</p>
<p class="note">Exported ${moment(exportedAt)}. Every character from outside is shown as text; those that cannot be seen are named, such as <span class="unseen">U+202E</span>.</p>
<nav aria-label="Contents"><ol>${sections.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>
</header>
<main>
${variant === 'redacted' ? redactionNote() : null}
${[summary, asked, shown, said, gates, decided, versions, residency, retention, timeline, proofs, accesses].map((write) => write(telling))}
${check(telling)}
</main>
<footer>${file.omitted.map((sentence) => html`<p>${sentence}</p>`)}<p>Written by Countersign ${telling.exportedBy} from the record alone.</p></footer>
</body>
</html>
`;
  return page.markup;
}

function redactionNote(): Html {
  return html`<aside aria-label="What is redacted"><p>This is the redacted variant, without data of others.</p><ul>${redactionRules.map((rule) => html`<li>${rule}</li>`)}</ul></aside>`;
}

function check({ variant }: Telling): Html {
  const opened =
    variant === 'full'
      ? 'that every plaintext in it is what was encrypted on that day'
      : 'that every ciphertext in it is the one recorded; redacted texts themselves rest on the operator’s signature';
  return section('check', 'How to check this', [
    html`<p>This report is for reading. What proves it are the other files of the bundle: the verifier, a program that knows nothing of this gateway, checks that every entry is in the signed ledger, that the chain of the decision is whole, and ${opened}. <span class="mono">VERIFY.md</span> has the one command.</p>`,
    html`<p>Take the ledger’s key, or its fingerprint, from the operator by another way than this bundle.</p>`,
  ]);
}
