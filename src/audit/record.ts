import { emptyCompletion } from './empty-completion.ts';
import { mintId } from './mint.ts';
import { canonicalJson, sha256 } from '../decision/canonical.ts';
import type {
  CompletionFacts,
  EntryFacts,
  EntryHeader,
  EntryType,
  IntentFacts,
  OutcomeFacts,
  RefusalFacts,
  ReviewFacts,
  SystemFacts,
} from '../decision/entry.ts';
import { InvariantError } from '../decision/errors.ts';
import type { CallId, DecisionId, Digest, EntryId } from '../decision/ids.ts';
import type { CommittedIntent } from '../decision/passage.ts';
import type { Insert } from '../storage/table.ts';
import { StoreUnavailableError } from '../storage/errors.ts';
import type { Store } from '../storage/store.ts';
import type { KeyForDecision } from './key-store.ts';
import { sealPayload } from './payload.ts';
import type {
  CompletionPayload,
  IntentPayload,
  OutcomePayload,
  RefusalPayload,
  ReviewDraft,
  ReviewPayload,
} from './payload-content.ts';
import { entriesTable, findEntries } from './repository.ts';

/** What every header of one decision repeats. */
export interface RecordSubject {
  readonly decisionId: DecisionId;
  /** Another decision that this record is about; null for a decision itself. */
  readonly about: DecisionId | null;
  readonly tenant: string;
  readonly jurisdiction: string | null;
  /** Further jurisdictions whose subjects are in the request. */
  readonly others?: readonly string[] | undefined;
  readonly dataClass: string | null;
  readonly decisionType: string | null;
  readonly release: Digest | null;
  readonly retention: EntryHeader['retention'];
}

/** An entry that has become durable. */
export interface CommittedEntry {
  readonly entryId: EntryId;
  readonly headerDigest: Digest;
}

interface Draft {
  readonly type: EntryType;
  readonly callId: CallId | null;
  readonly facts: EntryFacts;
  readonly payload: object | null;
}

const genuineIntents = new WeakSet<object>();

/** True for intents that this room committed; egress asks before it opens a socket. */
export function isCommittedIntent(candidate: unknown): candidate is CommittedIntent {
  return typeof candidate === 'object' && candidate !== null && genuineIntents.has(candidate);
}

/**
 * The growing record of one decision. Each append names the digest of the header before it, so the
 * entries form one chain; two writers cannot both continue it (a unique constraint refuses the second).
 */
export class DecisionRecord {
  readonly subject: RecordSubject;
  readonly #store: Store;
  readonly #key: KeyForDecision | null;
  readonly #nowMs: () => number;
  #previous: Digest | null;
  #keyInserted = false;
  #busy = false;

  constructor(options: {
    store: Store;
    subject: RecordSubject;
    /** null for records that never carry a payload. */
    key: KeyForDecision | null;
    previous: Digest | null;
    nowMs: () => number;
  }) {
    this.#store = options.store;
    this.subject = options.subject;
    this.#key = options.key;
    this.#previous = options.previous;
    this.#nowMs = options.nowMs;
  }

  /**
   * The same record under a more sensitive class, which was detected in the request.
   * @throws InvariantError once anything of it is written
   */
  raisedTo(dataClass: string): DecisionRecord {
    if (this.#busy || this.#previous !== null)
      throw new InvariantError('the class of a record that has begun was to be raised');
    return new DecisionRecord({
      store: this.#store,
      subject: { ...this.subject, dataClass },
      key: this.#key,
      previous: null,
      nowMs: this.#nowMs,
    });
  }

  /**
   * Makes the intent durable. Only what this returns opens the way out (I1).
   * @throws StoreUnavailableError when the store did not commit in time; no call may follow
   */
  async intend(callId: CallId, facts: IntentFacts, payload: IntentPayload): Promise<CommittedIntent> {
    const draft = { type: 'intent', callId, facts, payload } as const;
    let entryId: EntryId;
    try {
      ({ entryId } = await this.#append([draft]));
    } catch (error) {
      if (error instanceof StoreUnavailableError && error.sent) this.#closeIfLate(callId, facts, error.late);
      throw error;
    }
    const intent = Object.freeze({
      decisionId: this.subject.decisionId,
      callId,
      entryId,
      endpointId: facts.endpoint.id,
      jurisdiction: this.subject.jurisdiction,
      others: Object.freeze([...(this.subject.others ?? [])]),
      dataClass: this.subject.dataClass,
      cell: this.#store.cell,
      requestDigest: facts.requestDigest,
    }) as CommittedIntent;
    genuineIntents.add(intent);
    return intent;
  }

  complete(
    intent: CommittedIntent,
    facts: CompletionFacts,
    payload: CompletionPayload | null,
  ): Promise<CommittedEntry> {
    return this.#append([{ type: 'completion', callId: intent.callId, facts, payload }]);
  }

  /** Seals the decision; rows of other tables that must appear with it go into the same transaction. */
  seal(
    facts: OutcomeFacts,
    payload: OutcomePayload | null,
    companions: readonly Insert[] = [],
  ): Promise<CommittedEntry> {
    return this.#append([{ type: 'outcome', callId: null, facts, payload }], companions);
  }

  async refuse(facts: RefusalFacts, payload: RefusalPayload | null) {
    await this.#append([{ type: 'refusal', callId: null, facts, payload }]);
  }

  /** A reviewer's answer and the outcome it leads to: both become durable, or neither. */
  async sealReviewed(
    review: { facts: ReviewFacts; payload: ReviewPayload },
    outcome: { facts: OutcomeFacts; payload: OutcomePayload },
    companions: readonly Insert[],
  ) {
    await this.#append(
      [
        { type: 'review', callId: null, ...review },
        { type: 'outcome', callId: null, ...outcome },
      ],
      companions,
    );
  }

  /** What people said or did that leads to no outcome yet. */
  review([first, ...others]: readonly [ReviewDraft, ...ReviewDraft[]], companions: readonly Insert[]) {
    const draft = (review: ReviewDraft) => ({ type: 'review', callId: null, ...review }) as const;
    return this.#append([draft(first), ...others.map(draft)], companions);
  }

  /** Closes a call that nobody finished; carries no payload because nothing came back. */
  async closeUnknown(callId: CallId, endpoint: string) {
    const facts = emptyCompletion(endpoint, 'unknown');
    await this.#append([{ type: 'completion', callId, facts, payload: null }]);
  }

  system(
    type: SystemFacts['kind'],
    facts: SystemFacts,
    companions: readonly Insert[],
  ): Promise<CommittedEntry> {
    return this.#append([{ type, callId: null, facts, payload: null }], companions);
  }

  /** Appends one entry, or several in one transaction; returns the last. */
  async #append(
    drafts: readonly [Draft, ...Draft[]],
    companions: readonly Insert[] = [],
  ): Promise<CommittedEntry> {
    if (this.#busy) throw new InvariantError('two appends to one decision at once');
    this.#busy = true;
    const inserts: Insert[] = [];
    let previous = this.#previous;
    let last: CommittedEntry | null = null;
    for (const draft of drafts) {
      const built = this.#build(draft, previous);
      inserts.push({ table: entriesTable, row: built.row });
      previous = built.headerDigest;
      last = built;
    }
    const carriesPayload = drafts.some((draft) => draft.payload !== null);
    if (carriesPayload && this.#key?.insert && !this.#keyInserted) inserts.push(this.#key.insert);
    await this.#store.commit({ inserts: [...inserts, ...companions] });
    // Not in a finally block: after a failed append nobody knows the chain's end, so it stays closed.
    this.#previous = previous;
    this.#keyInserted ||= carriesPayload;
    this.#busy = false;
    if (last === null) throw new InvariantError('an append without an entry');
    return { entryId: last.entryId, headerDigest: last.headerDigest };
  }

  #build(draft: Draft, previous: Digest | null) {
    const { subject } = this;
    const entryId = mintId<EntryId>();
    const sealed = draft.payload === null ? null : this.#seal(draft.payload, entryId);
    // In the order of canonical JSON, so that nothing has to be sorted.
    const header: EntryHeader = {
      about: subject.about,
      callId: draft.callId,
      cell: this.#store.cell,
      dataClass: subject.dataClass,
      decisionId: subject.decisionId,
      decisionType: subject.decisionType,
      entryId,
      facts: draft.facts,
      jurisdiction: subject.jurisdiction,
      ...(subject.others?.length ? { others: subject.others } : {}),
      payload: sealed?.seal ?? null,
      previous,
      release: subject.release,
      retention: subject.retention,
      schema: 2,
      tenant: subject.tenant,
      time: new Date(this.#nowMs()).toISOString(),
      type: draft.type,
    };
    const headerBytes = Buffer.from(canonicalJson(header));
    const digest = sha256(headerBytes);
    const row = [
      entryId,
      subject.decisionId,
      draft.callId,
      draft.type,
      subject.tenant,
      this.#store.cell,
      subject.decisionType,
      headerBytes,
      digest,
      previous === null ? null : Buffer.from(previous.slice('sha256:'.length), 'hex'),
      sealed?.seal.keyId ?? null,
      sealed?.ciphertext ?? null,
      subject.about,
    ];
    return { entryId, headerDigest: `sha256:${digest.toString('hex')}` as Digest, row };
  }

  #seal(payload: object, entryId: EntryId) {
    if (this.#key === null) throw new InvariantError('a payload without a key was to be recorded');
    return sealPayload(Buffer.from(JSON.stringify(payload)), this.#key.key, entryId);
  }

  /** An intent that became durable after we gave up on it gets its completion: the call was not made. */
  #closeIfLate(callId: CallId, facts: IntentFacts, late: Promise<boolean>): void {
    const close = async () => {
      if (!(await late)) return;
      const open = await this.#reread();
      if (open === null) return;
      this.#previous = open;
      this.#busy = false;
      const completion = emptyCompletion(facts.endpoint.id, 'not_sent');
      await this.#append([{ type: 'completion', callId, facts: completion, payload: null }]);
    };
    // The sweeper closes what this cannot: a store that is still away is the likely reason.
    close().catch((error: unknown) => {
      if (!(error instanceof StoreUnavailableError)) throw error;
    });
  }

  async #reread(): Promise<Digest | null> {
    const last = (await findEntries(this.#store, this.subject.decisionId)).at(-1);
    return last?.header.type === 'intent' ? (`sha256:${last.headerDigest.toString('hex')}` as Digest) : null;
  }
}
