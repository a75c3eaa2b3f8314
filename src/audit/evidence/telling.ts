import type {
  CompletionFacts,
  EntryHeader,
  IntentFacts,
  OutcomeFacts,
  RefusalFacts,
  ReviewFacts,
} from '../../decision/entry.ts';
import type { Digest } from '../../decision/ids.ts';
import type { SurfaceText } from '../../decision/surface.ts';
import type { Verdict } from '../../decision/verdict.ts';
import type { RecordedInput } from '../payload-content.ts';
import type { CaseFile, FiledEntry } from './case-file.ts';
import type { EntryProof, EvidencePorts, Proofs, ReadAnswer } from './ports.ts';
import { readRelease, type ToldRelease } from './release.ts';

export type Variant = 'full' | 'redacted';

/** An entry with its payload read and its place in the ledger. */
export interface ToldEntry extends FiledEntry {
  readonly payload: Readonly<Record<string, unknown>> | null;
  readonly proof: EntryProof;
}

/** One try to ask the model: the intent, and what came back. */
export interface Attempt {
  readonly intent: ToldEntry;
  readonly facts: IntentFacts;
  readonly upstream: string | null;
  readonly completion: ToldEntry | null;
  readonly result: CompletionFacts | null;
  readonly answer: ReadAnswer | null;
  /** The raw answer where it could not be read as one. */
  readonly raw: string | null;
}

export interface Outcome {
  readonly entry: ToldEntry;
  readonly facts: OutcomeFacts;
  readonly outcome: string | null;
  readonly answer: unknown;
  readonly released: string | null;
}

export interface Review {
  readonly entry: ToldEntry;
  readonly facts: ReviewFacts;
  readonly verdict: string | null;
  readonly note: string | null;
}

/** A case as the report tells it. */
export interface Telling {
  readonly file: CaseFile;
  readonly variant: Variant;
  readonly exportedAt: string;
  readonly exportedBy: string;
  readonly first: EntryHeader;
  readonly entries: readonly ToldEntry[];
  readonly input: RecordedInput | null;
  /** The texts that may be shown, by their place. */
  readonly texts: readonly SurfaceText[];
  /** Whether what was read again today is what was inspected that day; null where that was not recorded. */
  readonly textsAsInspected: boolean | null;
  readonly attempts: readonly Attempt[];
  readonly outcomes: readonly Outcome[];
  readonly reviews: readonly Review[];
  readonly refusal: RefusalFacts | null;
  readonly verdicts: readonly Verdict[];
  readonly release: ToldRelease | null;
  readonly proofs: Proofs;
}

/** Puts a case together for its reader. */
export async function tell(
  file: CaseFile,
  read: { readonly texts: readonly SurfaceText[]; readonly surfacesDigest: string | null },
  proofs: Proofs,
  ports: EvidencePorts,
  as: { readonly variant: Variant; readonly exportedAt: string; readonly exportedBy: string },
): Promise<Telling> {
  const entries = file.entries.map((entry) => toldEntry(entry, proofs));
  const first = entries[0]?.header;
  if (!first) throw new TypeError('a case without entries');
  const own = entries.filter((entry) => entry.relation === 'decision');
  const attempts = attemptsOf(own, ports);
  const outcomes = own.flatMap(outcomeOf);
  const refusal = own.map((entry) => entry.header.facts).find((facts) => facts.kind === 'refusal');
  const asInspected = attempts[0]?.facts.surfacesDigest;
  return {
    file,
    ...as,
    first,
    entries,
    input: inputOf(own),
    texts: read.texts,
    textsAsInspected:
      asInspected === undefined || read.surfacesDigest === null ? null : asInspected === read.surfacesDigest,
    attempts,
    outcomes,
    reviews: own.flatMap(reviewOf),
    refusal: refusal ?? null,
    verdicts: verdictsOf(own),
    release: await readRelease(releaseOf(own), ports),
    proofs,
  };
}

/** The release of a decision: every entry of its chain names the same. */
function releaseOf(entries: readonly FiledEntry[]): Digest | null {
  return entries.find((entry) => entry.relation === 'decision')?.header.release ?? null;
}

function toldEntry(entry: FiledEntry, proofs: Proofs): ToldEntry {
  const proof = proofs.entries.get(entry.header.entryId);
  if (!proof) throw new TypeError('an entry without proof');
  const payload =
    entry.plaintext && (JSON.parse(entry.plaintext.toString('utf8')) as Readonly<Record<string, unknown>>);
  return { ...entry, payload, proof };
}

function inputOf(entries: readonly ToldEntry[]): RecordedInput | null {
  const found = entries.find(({ payload }) => payload?.['request']);
  return (found?.payload?.['request'] as RecordedInput | undefined) ?? null;
}

function attemptsOf(entries: readonly ToldEntry[], ports: EvidencePorts): Attempt[] {
  return entries.flatMap((intent) => {
    const { facts, callId } = intent.header;
    if (facts.kind !== 'intent') return [];
    const completion =
      entries.find(({ header }) => header.type === 'completion' && header.callId === callId) ?? null;
    const answered = completion === null ? { answer: null, raw: null } : answerOf(completion, ports);
    return [
      {
        intent,
        facts: facts,
        upstream: textOf(intent, 'upstream'),
        completion,
        result: (completion?.header.facts as CompletionFacts | undefined) ?? null,
        ...answered,
      },
    ];
  });
}

function answerOf(completion: ToldEntry, ports: EvidencePorts): Pick<Attempt, 'answer' | 'raw'> {
  const { payload } = completion;
  if (payload?.['redacted']) return { answer: payload['answer'] as ReadAnswer | null, raw: null };
  const raw = payload?.['raw'] as { encoding: 'utf8' | 'base64'; data: string } | undefined;
  if (raw === undefined) return { answer: null, raw: null };
  const answer = ports.answerOf(Buffer.from(raw.data, raw.encoding));
  return { answer, raw: raw.data };
}

function outcomeOf(entry: ToldEntry): Outcome[] {
  const { facts } = entry.header;
  if (facts.kind !== 'outcome') return [];
  return [
    {
      entry,
      facts: facts,
      outcome: textOf(entry, 'outcome'),
      answer: entry.payload?.['answer'] ?? null,
      released: textOf(entry, 'released'),
    },
  ];
}

function reviewOf(entry: ToldEntry): Review[] {
  const { facts } = entry.header;
  if (facts.kind !== 'review') return [];
  return [{ entry, facts: facts, verdict: textOf(entry, 'verdict'), note: textOf(entry, 'note') }];
}

/** The fullest list: a later outcome repeats the verdicts before it, a reviewer's has none of its own. */
function verdictsOf(entries: readonly ToldEntry[]): readonly Verdict[] {
  const lists = entries.flatMap(({ header: { facts } }) => {
    const verdicts = (facts as { verdicts?: unknown }).verdicts;
    return Array.isArray(verdicts) ? [verdicts as readonly Verdict[]] : [];
  });
  return lists.reduce((fullest, list) => (list.length >= fullest.length ? list : fullest), []);
}

function textOf(entry: ToldEntry, field: string): string | null {
  const value = entry.payload?.[field];
  return typeof value === 'string' ? value : null;
}
