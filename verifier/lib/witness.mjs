import { parseCheckpoint, verifySignatures } from './checkpoint.mjs';
import { cosign } from './cosignature.mjs';
import { emptyRoot, verifyConsistency } from './merkle.mjs';
import { parseNote } from './note.mjs';
import { Problem } from './problem.mjs';
import { proofHashesMax } from './proof.mjs';
import { base64Hash, utf8, wholeNumber } from './text.mjs';

/**
 * @typedef {object} Answer
 * @property {number} status of HTTP
 * @property {string} type content type
 * @property {string} body
 */

/**
 * @param {number} status
 * @param {string} body
 * @returns {Answer}
 */
const answer = (status, body) => ({ status, type: 'text/plain; charset=utf-8', body: `${body}\n` });

/**
 * Reads the body of add-checkpoint: `old N`, hashes, an empty line, the checkpoint.
 * @param {Uint8Array} body
 * @throws {Problem} `malformed`
 */
function parseRequest(body) {
  const text = utf8(body, 'the request');
  const split = text.indexOf('\n\n');
  if (split < 0) throw new Problem('malformed', 'the request has no empty line');
  const [old, ...hashes] = text.slice(0, split).split('\n');
  if (!old?.startsWith('old ')) throw new Problem('malformed', 'the request does not begin with an old size');
  if (hashes.length > proofHashesMax) throw new Problem('malformed', 'the consistency proof is too long');
  const note = parseNote(Buffer.from(text.slice(split + 2)));
  return {
    oldSize: wholeNumber(old.slice(4), 'the old size'),
    proof: hashes.map((line) => base64Hash(line, 'a hash of the consistency proof')),
    note,
    checkpoint: parseCheckpoint(note.text),
  };
}

/**
 * Decides on one submission (C2SP tlog-witness, add-checkpoint) and, when it is consistent with the
 * latest tree seen, records and cosigns it. Synchronous, hence one at a time.
 * @param {Uint8Array} body
 * @param {import('./witness-state.mjs').WitnessState} state
 * @param {readonly import('./vkey.mjs').VerifierKey[]} logs
 * @param {number} nowMs
 * @returns {Answer}
 */
export function addCheckpoint(body, state, logs, nowMs) {
  let request;
  try {
    request = parseRequest(body);
  } catch (error) {
    if (error instanceof Problem) return answer(400, error.message);
    throw error;
  }
  const { oldSize, note, checkpoint } = request;
  const keys = logs.filter((key) => key.name === checkpoint.origin);
  if (keys.length === 0) return answer(404, `the log ${checkpoint.origin} is unknown`);
  try {
    verifySignatures(note, checkpoint.origin, { keys, witnesses: [], quorum: 0 });
  } catch (error) {
    if (error instanceof Problem) return answer(403, error.message);
    throw error;
  }
  if (oldSize > checkpoint.size) return answer(400, 'the old size is larger than the checkpoint');
  const latest = state.latest(checkpoint.origin);
  const knownSize = latest?.size ?? 0;
  if (oldSize !== knownSize) return { status: 409, type: 'text/x.tlog.size', body: `${knownSize}\n` };
  const oldRoot = latest === null ? emptyRoot : Buffer.from(latest.root, 'base64');
  return judge(request, oldRoot, state, nowMs);
}

/**
 * @param {ReturnType<typeof parseRequest>} request
 * @param {Buffer} oldRoot
 * @param {import('./witness-state.mjs').WitnessState} state
 * @param {number} nowMs
 */
function judge({ oldSize, proof, checkpoint }, oldRoot, state, nowMs) {
  const { origin, size, root, text } = checkpoint;
  // A conflict of roots has no size to tell, so not the content type that promises one.
  if (oldSize === size && !root.equals(oldRoot)) return answer(409, `another root was cosigned at ${size}`);
  try {
    verifyConsistency({ oldSize, oldRoot, newSize: size, newRoot: root, proof });
  } catch (error) {
    if (error instanceof Problem) return answer(422, error.message);
    throw error;
  }
  state.remember(origin, { size, root: root.toString('base64') });
  const line = cosign(text, state.key, state.privateKey, Math.floor(nowMs / 1000));
  return { status: 200, type: 'text/plain; charset=utf-8', body: line };
}
