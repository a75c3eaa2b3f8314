import { hash } from 'node:crypto';
import { type Content, type Html, html } from '../html.ts';
import { readLog } from '../log-note.ts';
import type { Telling, ToldEntry } from '../telling.ts';
import { facts, moment, mono, section, table } from './pieces.ts';

/** Every entry in the order of its chain, with what commits to it. */
export function timeline({ entries }: Telling): Html {
  const columns = [
    { title: 'No.', isNumber: true },
    { title: 'Time' },
    { title: 'Entry' },
    { title: 'SHA-256 of the header' },
  ];
  const rows = entries.map(({ header, headerDigest, relation }, i) => [
    i + 1,
    moment(header.time),
    [header.type, relation === 'about' ? ' (about it)' : ''],
    mono(headerDigest),
  ]);
  return section('timeline', 'Timeline', [
    html`<p>Entries of the decision form one chain: each header holds the digest of the one before. Entries about it stand for themselves.</p>`,
    table('Entries, oldest first', columns, rows),
  ]);
}

/** What the ledger says of these entries. */
export function proofs({ proofs: { logs, witnessKeys }, entries }: Telling): Html {
  const columns = [
    { title: 'No.', isNumber: true },
    { title: 'Log' },
    { title: 'Index in it', isNumber: true },
  ];
  const rows = entries.map(({ proof }, i) => [i + 1, mono(proof.origin), String(proof.index)]);
  return section('proofs', 'Proofs', [
    html`<p>Each entry is a leaf of a signed, append-only ledger. Its receipt proves that the leaf was there when the checkpoint was signed, and the checkpoint that nothing before it was altered or taken out since.</p>`,
    logs.map((log) => {
      const { size, root, signers } = readLog(log.checkpoint);
      return [
        html`<h3>${mono(log.origin)}</h3>`,
        facts([
          ['Entries under the checkpoint', size],
          ['Root', mono(root)],
          ['Signed by', signers.join(', ')],
          ['Key', mono(log.vkey)],
          ['Fingerprint of the key', mono(fingerprintOf(log.vkey))],
        ]),
      ];
    }),
    witnessKeys.length === 0
      ? html`<p class="note">No witness is configured: the checkpoints bear the operator’s signature alone.</p>`
      : null,
    table('Places of the entries', columns, rows),
  ]);
}

/** Hexadecimal SHA-256 of the 32 bytes of the public key in a verifier key. */
export function fingerprintOf(vkey: string): string {
  const material = Buffer.from(vkey.slice(vkey.indexOf('+', vkey.indexOf('+') + 1) + 1), 'base64');
  return hash('sha256', material.subarray(1), 'hex');
}

/** Who read the record before. */
export function accesses({ entries, variant }: Telling): Html | null {
  if (variant === 'redacted') return null;
  const columns = [
    { title: 'Time' },
    { title: 'What was done' },
    { title: 'By' },
    { title: 'Reason' },
    { title: 'Case' },
  ];
  const rows = entries.filter(({ header }) => header.type === 'access').map(accessRow);
  return section('accesses', 'Who read this record', [
    html`<p>Every reading is an entry of its own, committed before anything was shown. The last one is this export.</p>`,
    table('Readings, oldest first', columns, rows),
  ]);
}

function accessRow({ header }: ToldEntry): readonly Content[] {
  const said = header.facts as unknown as Readonly<Record<string, string | null>>;
  return [
    moment(header.time),
    said['action'],
    mono(said['by'] ?? null),
    said['reason'],
    said['caseReference'] ?? '–',
  ];
}
