import { type Html, html } from '../html.ts';
import type { Telling } from '../telling.ts';
import { facts, mono, section, table, withBreaks } from './pieces.ts';

/** Every version that determined the decision. */
export function versions(telling: Telling): Html {
  const { attempts, release, verdicts, exportedBy } = telling;
  const intended = attempts.at(-1)?.facts;
  const detectors = verdicts.flatMap(({ findings }) =>
    findings.map(({ detector, detectorVersion }) => `${detector} ${detectorVersion}`),
  );
  const names = { asked: intended?.model, returned: attempts.at(-1)?.result?.modelReturned };
  const parts = (release?.parts ?? []).map(({ name, digest, bytes }) => [
    mono(name),
    mono(digest),
    bytes === null ? 'not in the store' : String(bytes.length),
  ]);
  return section('versions', 'Under which versions', [
    facts([
      ['Release', mono(release?.digest ?? null)],
      ['Gateway that decided', release?.gateway ?? null],
      ['Gateway that wrote this bundle', exportedBy],
      ['Model, as configured', names.asked ? mono(`${names.asked.id} ${names.asked.version}`) : null],
      ['Model, as the answer names it', mono(names.returned || null)],
      [
        'Prompt',
        intended?.prompt
          ? withBreaks([
              mono(`${intended.prompt.id} ${intended.prompt.version}`),
              mono(intended.prompt.digest),
            ])
          : null,
      ],
      ['Residency policy', mono(intended?.endpoint.policy ?? null)],
      ['Detectors with findings', withBreaks([...new Set(detectors)].map(mono))],
    ]),
    table(
      'Parts of the release, by content',
      [{ title: 'Part' }, { title: 'SHA-256' }, { title: 'Bytes', isNumber: true }],
      parts,
    ),
    release === null ? html`<p>The request named no decision type, so no release applied to it.</p>` : null,
  ]);
}
