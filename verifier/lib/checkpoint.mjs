import { emptyRoot } from './merkle.mjs';
import { parseNote, verifyNote } from './note.mjs';
import { Problem } from './problem.mjs';
import { base64Hash, wholeNumber } from './text.mjs';
import { cosignatureAlgorithm, noteAlgorithm } from './vkey.mjs';

/**
 * @typedef {object} Policy Whom the auditor believes.
 * @property {readonly import('./vkey.mjs').VerifierKey[]} keys of logs
 * @property {readonly import('./vkey.mjs').VerifierKey[]} witnesses
 * @property {number} quorum how many of the witnesses must have cosigned
 *
 * @typedef {object} Checkpoint
 * @property {string} origin
 * @property {number} size
 * @property {Buffer} root
 * @property {string} text what was signed
 *
 * @typedef {Checkpoint & {cosignatures: {name: string, time: number}[]}} SignedCheckpoint
 */

/**
 * @param {readonly import('./vkey.mjs').VerifierKey[]} keys
 * @param {readonly import('./vkey.mjs').VerifierKey[]} [witnesses]
 * @param {number} [quorum] every witness when left out
 * @returns {Policy}
 * @throws {Problem} `policy`
 */
export function makePolicy(keys, witnesses = [], quorum = witnesses.length) {
  const refuse = (/** @type {string} */ message) => new Problem('policy', message);
  if (keys.length === 0) throw refuse('the key of the log is needed');
  const foreign = keys.find((key) => key.algorithm !== noteAlgorithm);
  if (foreign) throw refuse(`${foreign.name} is a witness's key, not a log's`);
  const log = witnesses.find((key) => key.algorithm !== cosignatureAlgorithm);
  if (log) throw refuse(`${log.name} is a log's key, not a witness's`);
  // One holder under two names would count twice towards the quorum.
  const holders = new Set([...keys, ...witnesses].map((key) => key.publicKey.toString('hex')));
  const logs = new Set(keys.map((key) => key.publicKey.toString('hex')));
  if (holders.size !== logs.size + witnesses.length)
    throw refuse('two witnesses, or a log and a witness, share a key');
  if (quorum > witnesses.length) throw refuse(`a quorum of ${quorum} of ${witnesses.length} witnesses`);
  return { keys, witnesses, quorum };
}

/**
 * The body of a checkpoint (C2SP tlog-checkpoint). Extension lines are allowed by the specification and
 * refused here: our logs write none, and nobody could audit them.
 * @param {string} text
 * @returns {Checkpoint}
 */
export function parseCheckpoint(text) {
  const [origin, size, root, ...rest] = text.split('\n');
  if (origin === undefined || origin === '' || size === undefined || root === undefined) {
    throw new Problem('malformed', 'a checkpoint needs an origin, a size and a root');
  }
  if (rest.length !== 1 || rest[0] !== '')
    throw new Problem('malformed', 'a checkpoint has lines beyond its root');
  return {
    origin,
    size: wholeNumber(size, "a checkpoint's size"),
    root: base64Hash(root, "a checkpoint's root"),
    text,
  };
}

/**
 * Checks the log's signature on a checkpoint and the witnesses' cosignatures.
 * @param {import('./note.mjs').Note} note
 * @param {string} origin of the checkpoint in it
 * @param {Policy} policy
 * @throws {Problem} `origin`, `signature`, `unsigned`, `quorum`
 */
export function verifySignatures(note, origin, policy) {
  const keys = policy.keys.filter((key) => key.name === origin);
  if (keys.length === 0) {
    const given = policy.keys.map((key) => key.name).join(', ');
    throw new Problem('origin', `the checkpoint is of ${origin}, the key given is of ${given}`);
  }
  if (verifyNote(note, keys).length === 0) {
    throw new Problem('unsigned', `no signature of ${origin} is by the key given`);
  }
  const cosignatures = verifyNote(note, policy.witnesses).map(({ key, timestamp }) => ({
    name: key.name,
    time: /** @type {number} */ (timestamp),
  }));
  if (cosignatures.length < policy.quorum) {
    const message = `${cosignatures.length} of the witnesses cosigned, ${policy.quorum} are needed`;
    throw new Problem('quorum', message);
  }
  return cosignatures;
}

/**
 * Reads a checkpoint and checks its signatures.
 * @param {Uint8Array} bytes
 * @param {Policy} policy
 * @returns {SignedCheckpoint}
 * @throws {Problem} `malformed`, `root`, and those of `verifySignatures`
 */
export function openCheckpoint(bytes, policy) {
  const note = parseNote(bytes);
  const checkpoint = parseCheckpoint(note.text);
  const cosignatures = verifySignatures(note, checkpoint.origin, policy);
  if (checkpoint.size === 0 && !checkpoint.root.equals(emptyRoot)) {
    throw new Problem('root', 'the root of an empty ledger is not that of the empty tree');
  }
  return { ...checkpoint, cosignatures };
}
