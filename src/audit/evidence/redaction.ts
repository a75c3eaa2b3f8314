import type { EntryType } from '../../decision/entry.ts';
import type { SurfaceText } from '../../decision/surface.ts';
import type {
  CompletionPayload,
  IntentPayload,
  OutcomePayload,
  RecordedCounterfactual,
  RecordedInput,
  RefusalPayload,
  ReviewPayload,
} from '../payload-content.ts';
import { readBytes } from '../payload-content.ts';
import type { CaseFile, FiledEntry } from './case-file.ts';
import { Masker, withheldText } from './masking.ts';
import type { EvidencePorts } from './ports.ts';
import { redactBody, redactUpstream } from './request-redaction.ts';

/** Sentences that the redacted bundle says about itself. */
export const redactionRules = [
  'Shown of the request: the subject’s own input (the case; in a chat, what the user wrote). Everything else that came with it – retrieved context, tool results, documents, other messages, tool definitions – is withheld: ids, versions, media types and sizes stay.',
  'Shown of the model’s answer and of reviewers’ notes: the text, with account and card numbers, e-mail addresses, telephone numbers, national identity numbers, secrets, and names and numbers that occur in the withheld texts masked, unless they stand in the subject’s own input.',
  'Withheld: prompt and further parts of the release (the operator’s own; their digests stay), log-probabilities, the markers that set data apart, who read the record and which holds lie on it (either may tell of a third party’s inquiry). A reviewer is called “reviewer”; the headers name the random id of the key that was used.',
  'Keys of entries are not disclosed. Ciphertexts stay, because their digests belong to the proof; without keys nobody can read them.',
] as const;

const withheld =
  'The plaintext is redacted, because it holds or may hold data of others, so it cannot be checked against the commitment in the header. The ciphertext can.';
const accessesOmitted =
  'Readings of the record and holds on it are left out of this variant: they may tell of inquiries of others.';

/** The same case without what is not the subject's own. */
export function redactCase(file: CaseFile, texts: readonly SurfaceText[], ports: EvidencePorts): CaseFile {
  const input = findInput(file.entries);
  const own = ownTexts(texts, input);
  const masker = new Masker(
    ports,
    {
      texts: own.map((part) => part.text),
      canaries: [input?.marker, input?.canary].filter((seal) => seal != null),
    },
    texts.filter((part) => !own.includes(part)).map((part) => part.text),
    [input?.promptText ?? ''],
  );
  const shown = file.entries.filter((entry) => entry.relation === 'decision' || isOfSubject(entry));
  return {
    ...file,
    entries: shown.map((entry) => redactEntry(entry, masker, ports)),
    omitted: shown.length < file.entries.length ? [accessesOmitted] : [],
  };
}

const subjectActions = new Set(['executed', 'proven', 'already-destroyed', 'expired']);

/** That something was erased or expired concerns the subject; a reading or a hold may concern somebody else. */
function isOfSubject({ header: { facts, type } }: FiledEntry): boolean {
  return type !== 'access' && 'action' in facts && subjectActions.has(String(facts['action']));
}

/** Texts that the subject gave: the case itself, and in a chat what the user wrote. */
export function ownTexts(texts: readonly SurfaceText[], input: RecordedInput | null): readonly SurfaceText[] {
  const body = input === null ? null : (JSON.parse(input.body) as { messages?: { role?: string }[] });
  const messages = body?.messages;
  return texts.filter(({ surface, origin }) => {
    if (surface !== 'chat') return false;
    if (messages === undefined) return origin.startsWith('/input');
    const index = /^\/messages\/(\d+)\//.exec(origin)?.[1];
    return index !== undefined && messages[Number(index)]?.role === 'user';
  });
}

/** The request of a decision, wherever it was recorded. */
export function findInput(entries: readonly FiledEntry[]): RecordedInput | null {
  for (const { plaintext } of entries) {
    const payload =
      plaintext && (JSON.parse(plaintext.toString('utf8')) as { request?: RecordedInput | null });
    if (payload?.request) return payload.request;
  }
  return null;
}

function redactEntry(entry: FiledEntry, masker: Masker, ports: EvidencePorts): FiledEntry {
  if (entry.plaintext === null) return { ...entry, opening: null };
  const payload: unknown = JSON.parse(entry.plaintext.toString('utf8'));
  const redacted = redactors[entry.header.type]?.(payload, masker, ports);
  const plaintext = redacted === undefined ? null : Buffer.from(JSON.stringify(redacted));
  return { ...entry, opening: null, plaintext, withheld };
}

type Redactor = (payload: unknown, masker: Masker, ports: EvidencePorts) => object;

/** A payload of a kind that nobody has written a rule for is not shown at all. */
const redactors: Readonly<Partial<Record<EntryType, Redactor>>> = {
  intent(payload) {
    const { schema, request, firstIntent, upstream } = payload as IntentPayload;
    const shown = redactUpstream(upstream);
    return { schema, redacted: true, request: request && redactInput(request), firstIntent, upstream: shown };
  },
  completion: (payload, masker, ports) => redactCompletion(payload as CompletionPayload, masker, ports),
  outcome: (payload, masker) => redactOutcome(payload as OutcomePayload, masker),
  refusal(payload) {
    const { schema, request } = payload as RefusalPayload;
    return { schema, redacted: true, request: redactInput(request) };
  },
  review(payload, masker) {
    const { schema, verdict, note } = payload as ReviewPayload;
    const shown = note === null ? null : masker.text(note);
    return { schema, redacted: true, verdict: masker.text(verdict), note: shown };
  },
};

function redactCompletion({ schema, raw }: CompletionPayload, masker: Masker, ports: EvidencePorts) {
  const answer = ports.answerOf(readBytes(raw));
  if (answer === null) return { schema, redacted: true, answer: null };
  const toolCalls = answer.toolCalls.map((call) => ({
    name: masker.text(call.name),
    arguments: masker.text(call.arguments),
  }));
  return {
    schema,
    redacted: true,
    answer: { model: answer.model, text: maskJson(answer.text, masker), toolCalls },
  };
}

function redactOutcome(payload: OutcomePayload, masker: Masker) {
  const { schema, request, outcome, answer, released, counterfactual } = payload;
  return {
    schema,
    redacted: true,
    request: request && redactInput(request),
    outcome: outcome === null ? null : masker.text(outcome),
    answer: masker.value(answer),
    released: released === null ? null : maskJson(released, masker),
    ...(counterfactual === undefined ? {} : { counterfactual: redactCounterfactual(counterfactual, masker) }),
  };
}

function redactCounterfactual({ spans, asIs, masked }: RecordedCounterfactual, masker: Masker) {
  const shown = (given: RecordedCounterfactual['asIs']) =>
    given && {
      ...given,
      answer: masker.value(given.answer),
      outcome: given.outcome === null ? null : masker.text(given.outcome),
    };
  return { spans, asIs: shown(asIs), masked: shown(masked) };
}

/** JSON is masked value by value: an escape must not hide what would be masked in plain text. */
function maskJson(text: string, masker: Masker): string {
  try {
    return JSON.stringify(masker.value(JSON.parse(text)));
  } catch (error) {
    if (error instanceof SyntaxError) return masker.text(text);
    throw error;
  }
}

function redactInput(input: RecordedInput) {
  return {
    ...(input.label === undefined ? {} : { label: input.label }),
    route: input.route,
    body: redactBody(input.body),
    documents: input.documents.map(({ origin, mediaType, bytes }) => ({
      origin,
      mediaType,
      bytes: { encoding: 'withheld', data: '', length: readBytes(bytes).length },
    })),
    context: input.context.map(({ id, version, text }) => ({ id, version, text: withheldText(text) })),
    promptText: input.promptText === null ? null : withheldText(input.promptText),
    marker: input.marker === null ? null : '[withheld]',
    ...(input.isolation === undefined ? {} : { isolation: input.isolation }),
    ...(input.operatorScores === undefined ? {} : { operatorScores: input.operatorScores }),
  };
}
