import { Agent, request } from 'undici';
import { codeOf } from '../../storage/errors.ts';
import { isSignedBy, parseNote, parseSignatureLine } from './note.ts';
import { consistencyProof } from './proof.ts';
import { type StoredCheckpoint, findHeads, newestCheckpoint, signedAfter } from './repository.ts';
import type { LedgerDesk, LedgerObserver, Witness } from './settings.ts';
import { StoredTiles } from './stored-tiles.ts';
import { cosignedSize, newestWitnessed, saveCosignature } from './tile-repository.ts';

const exchangeTimeoutMs = 10_000;
/** A witness that answered with a fault, or that is away, is asked again after this time. */
const retryMs = 5_000;
const answerBytesMax = 16_384;
/** How often the lag of the newest witnessed checkpoint is looked at. */
const lagPeriodMs = 10_000;

/** An answer of a witness that is no cosignature of it; the message is a code. */
class WitnessRefusal extends Error {
  override name = 'WitnessRefusal';
}

/**
 * Brings checkpoints to the witnesses (C2SP tlog-witness) and keeps what they sign. One exchange at a time
 * with each, and always about the newest checkpoint. Sizes and roots leave, nothing of any record.
 */
export class WitnessClient {
  readonly #desk: LedgerDesk;
  readonly #observer: LedgerObserver;
  readonly #onCosigned: (checkpoint: StoredCheckpoint) => void;
  readonly #agent = new Agent({ headersTimeout: exchangeTimeoutMs, bodyTimeout: exchangeTimeoutMs });
  readonly #busy = new Map<string, Promise<void>>();
  readonly #notBeforeMs = new Map<string, number>();
  readonly #again = new Set<string>();
  #lagCheck: Promise<void> | null = null;
  #lagCheckedMs = Number.NEGATIVE_INFINITY;
  /** One for each log: what it has computed of the tree, it does not compute again. */
  readonly #tiles = new Map<string, StoredTiles>();
  readonly #stopping = new AbortController();

  constructor(
    desk: LedgerDesk,
    observer: LedgerObserver,
    onCosigned: (checkpoint: StoredCheckpoint) => void,
  ) {
    this.#desk = desk;
    this.#observer = observer;
    this.#onCosigned = onCosigned;
  }

  /** There is a new checkpoint. */
  offer(): void {
    for (const witness of this.#desk.settings.witnesses) this.#begin(witness);
  }

  /** Once a round: asks those again that were away, and looks how long the quorum is late. */
  tick(): void {
    for (const { name } of this.#desk.settings.witnesses) {
      const notBeforeMs = this.#notBeforeMs.get(name);
      if (notBeforeMs !== undefined && performance.now() >= notBeforeMs) this.offer();
    }
    const due = this.#desk.nowMs() - this.#lagCheckedMs >= lagPeriodMs;
    if (this.#desk.settings.quorum === 0 || !due || this.#lagCheck) return;
    this.#lagCheckedMs = this.#desk.nowMs();
    this.#lagCheck = this.#checkLag()
      .catch((error: unknown) => this.#observer.witnessRefused('quorum', faultOf(error)))
      .finally(() => {
        this.#lagCheck = null;
      });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#busy.values(), this.#lagCheck]);
    await this.#agent.destroy();
  }

  #begin(witness: Witness): void {
    const { name } = witness;
    if (this.#stopping.signal.aborted || performance.now() < (this.#notBeforeMs.get(name) ?? 0)) return;
    if (this.#busy.has(name)) {
      this.#again.add(name);
      return;
    }
    const exchange = this.#exchange(witness)
      .then(() => this.#notBeforeMs.delete(name))
      .catch((error: unknown) => {
        if (this.#stopping.signal.aborted) return;
        this.#notBeforeMs.set(name, performance.now() + retryMs);
        this.#observer.witnessRefused(name, faultOf(error));
      })
      .finally(() => {
        this.#busy.delete(name);
        if (this.#again.delete(name)) this.#begin(witness);
      });
    this.#busy.set(
      name,
      exchange.then(() => undefined),
    );
  }

  /** The last two logs: the end of a half-year shall be witnessed, too. */
  async #exchange(witness: Witness): Promise<void> {
    const { query } = this.#desk.store;
    for (const { period } of (await findHeads(query, 2)).toReversed()) {
      const newest = await newestCheckpoint(query, period);
      const cosigned = await cosignedSize(query, period, witness.name);
      if (newest === null || newest.size <= cosigned) continue;
      const line = await this.#submit(witness, newest, cosigned);
      const { size } = newest;
      await saveCosignature(query, { period, size, witness: witness.name, cell: this.#desk.cell, line });
      this.#onCosigned(newest);
    }
    await this.#checkLag();
  }

  /** @returns the witness's signature line, once it holds */
  async #submit(witness: Witness, checkpoint: StoredCheckpoint, cosigned: number): Promise<string> {
    let answer = await this.#post(witness, checkpoint, cosigned);
    const itsSize = answer.status === 409 ? parseSize(answer.body) : null;
    if (itsSize !== null) {
      // It has seen a tree that this store does not have: the tail was cut off, or it is not our witness.
      if (itsSize > checkpoint.size) throw new WitnessRefusal('WITNESS_AHEAD');
      answer = await this.#post(witness, checkpoint, itsSize);
    }
    if (answer.status !== 200) throw new WitnessRefusal(`HTTP_${answer.status}`);
    const text = parseNote(checkpoint.note)?.text ?? '';
    for (const line of answer.body.split('\n')) {
      const signature = parseSignatureLine(line);
      if (signature && isSignedBy(text, signature, witness.verifier)) return signature.line;
    }
    throw new WitnessRefusal('COSIGNATURE_INVALID');
  }

  async #post(witness: Witness, checkpoint: StoredCheckpoint, oldSize: number) {
    const { period } = checkpoint;
    const tiles = this.#tiles.get(period) ?? new StoredTiles(this.#desk.store.query, period);
    this.#tiles.set(period, tiles);
    const proof = await consistencyProof(tiles, oldSize, checkpoint.size);
    const lines = [`old ${oldSize}`, ...proof.map((hash) => hash.toString('base64')), '', checkpoint.note];
    const response = await request(`${witness.url}/add-checkpoint`, {
      method: 'POST',
      dispatcher: this.#agent,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: lines.join('\n'),
      signal: AbortSignal.any([AbortSignal.timeout(exchangeTimeoutMs), this.#stopping.signal]),
    });
    return { status: response.statusCode, body: await readBounded(response.body) };
  }

  async #checkLag(): Promise<void> {
    const { settings, store } = this.#desk;
    const { quorum } = settings;
    const [head] = await findHeads(store.query, 1);
    if (quorum === 0 || !head) return;
    const names = settings.witnesses.map((witness) => witness.name);
    const witnessed = await newestWitnessed(store.query, head.period, { names, quorum });
    if (witnessed) this.#observer.witnessed(witnessed.receivedAt.getTime());
    const since = await signedAfter(store.query, head.period, witnessed?.size ?? 0);
    const late = since !== null && this.#desk.nowMs() - since.getTime() > settings.unwitnessedAlertMs;
    this.#observer.unwitnessed(late ? since.getTime() : null);
  }
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes > answerBytesMax) throw new WitnessRefusal('ANSWER_TOO_LARGE');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseSize(body: string): number | null {
  return /^(?:0|[1-9]\d{0,15})\n$/.test(body) ? Number(body) : null;
}

function faultOf(error: unknown): string {
  if (error instanceof WitnessRefusal) return error.message;
  return codeOf(error) ?? (error instanceof Error ? error.name : 'unknown');
}
