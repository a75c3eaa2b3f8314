import type { Finding } from '../../../decision/finding.ts';
import { reasons } from '../../../decision/reason.ts';
import type { Verdict } from '../../../decision/verdict.ts';
import { type Content, type Html, attribute, html } from '../html.ts';
import { surfaceThresholds } from '../release.ts';
import type { Telling } from '../telling.ts';
import { sourceOf } from './sources.ts';
import { mono, quote, section, table, withBreaks } from './pieces.ts';

/** What each gate answered, and where it saw what. */
export function gates(telling: Telling): Html {
  const { verdicts } = telling;
  const findings = verdicts.flatMap((verdict) => verdict.findings);
  const columns = [{ title: 'Gate' }, { title: 'Answer' }, { title: 'Why' }];
  return section('gates', 'What each gate found', [
    table('The gates, in the order in which they were passed', columns, verdicts.map(row)),
    findings.length === 0
      ? html`<p>No detector reported a finding.</p>`
      : [findingsTable(findings), inTheText(findings, telling)],
    thresholds(telling),
  ]);
}

const answers = { pass: 'passed', refuse: 'refused', review: 'asked for a person' } as const;

function row(verdict: Verdict): readonly Content[] {
  const answer = html`<span class="verdict-${attribute(verdict.kind)}">${answers[verdict.kind]}</span>`;
  if (verdict.kind === 'pass') {
    const seen = verdict.findings.length;
    return [
      verdict.gate,
      answer,
      seen === 0 ? '–' : `${seen} finding${seen === 1 ? '' : 's'} below the threshold or masked`,
    ];
  }
  const why = verdict.reasons.map((code) => [mono(code), ' ', reasons[code] ?? '']);
  return [verdict.gate, answer, withBreaks(verdict.detail === undefined ? why : [...why, verdict.detail])];
}

function findingsTable(findings: readonly Finding[]): Content {
  const columns = [
    { title: 'Rule' },
    { title: 'Detector' },
    { title: 'Surface and place' },
    { title: 'Characters' },
    { title: 'Score of 1000', isNumber: true },
    { title: 'Decoded by' },
  ];
  const rows = findings.map(({ rule, detector, detectorVersion, surface, origin, span, score, via }) => [
    mono(rule),
    [detector, ' ', mono(detectorVersion)],
    [surface, ' ', mono(origin)],
    html`<span class="time">${span.start}–${span.end}</span>`,
    score,
    via.length === 0 ? '–' : via.join(', '),
  ]);
  return table('Findings', columns, rows);
}

/** Every text in which something was found and that may be shown, with the places marked. */
function inTheText(findings: readonly Finding[], telling: Telling): Content {
  const origins = [...new Set(findings.map(({ origin }) => origin))];
  const quotes = origins.map((origin) => {
    const text = sourceOf(origin, telling);
    const own = findings.filter((finding) => finding.origin === origin);
    if (text === null)
      return html`<p class="note">The text at ${mono(origin)} is not shown in this report.</p>`;
    return quote({ caption: ['Found in ', mono(origin)], text, kind: 'data', findings: own });
  });
  return [html`<h3>Where it stood</h3>`, quotes];
}

/** A subject is owed the reasons, not the numbers that would help the next attack. */
function thresholds({ release, variant }: Telling): Content {
  if (variant === 'redacted') return null;
  const rows = Object.entries(surfaceThresholds(release)).map(([surface, { refuse, review }]) => [
    surface,
    review,
    refuse,
  ]);
  const columns = [
    { title: 'Surface' },
    { title: 'A person from', isNumber: true },
    { title: 'Refused from', isNumber: true },
  ];
  return table('Thresholds of the detectors that day, in thousandths', columns, rows);
}
