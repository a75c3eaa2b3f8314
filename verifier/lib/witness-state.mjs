import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cosignatureAlgorithm, formatVerifierKey, makeVerifierKey } from './vkey.mjs';

const keyFile = 'witness.key';
const vkeyFile = 'witness.vkey';
const stateFile = 'state.json';

/**
 * @typedef {object} Seen The latest tree cosigned for one origin.
 * @property {number} size
 * @property {string} root base64
 */

/**
 * Makes a witness: its key pair and an empty state.
 * @param {string} folder
 * @param {string} name a schema-less URL, as `witness.example/w1`
 * @returns {string} the verifier key
 * @throws when the folder holds a witness already: a second key under one name would disown the first
 */
export function initWitness(folder, name) {
  mkdirSync(folder, { recursive: true });
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = rawPublicKey(publicKey);
  const vkey = formatVerifierKey(makeVerifierKey(name, cosignatureAlgorithm, raw));
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(join(folder, keyFile), pem, { flag: 'wx', mode: 0o600, flush: true });
  writeFileSync(join(folder, vkeyFile), `${vkey}\n`, { flag: 'wx', flush: true });
  writeFileSync(join(folder, stateFile), '{}\n', { flag: 'wx', flush: true });
  syncFolder(folder);
  return vkey;
}

/** @param {import('node:crypto').KeyObject} key */
function rawPublicKey(key) {
  return Buffer.from(/** @type {string} */ (key.export({ format: 'jwk' }).x), 'base64url');
}

/** @param {string} folder */
function syncFolder(folder) {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * What a witness remembers. Everything here is synchronous: between the look at the latest tree and the
 * durable record of the next, no other request can run.
 */
export class WitnessState {
  #folder;
  /** @type {Record<string, Seen>} */
  #latest;

  /**
   * @param {string} folder
   * @throws when a file is missing: a witness that forgot what it saw would cosign a second history
   */
  constructor(folder) {
    this.#folder = folder;
    this.privateKey = createPrivateKey(readFileSync(join(folder, keyFile)));
    const vkey = readFileSync(join(folder, vkeyFile), 'utf8').trim();
    const name = vkey.slice(0, vkey.indexOf('+'));
    this.key = makeVerifierKey(name, cosignatureAlgorithm, rawPublicKey(createPublicKey(this.privateKey)));
    if (formatVerifierKey(this.key) !== vkey) throw new Error(`${vkeyFile} is not of the key in ${keyFile}`);
    this.#latest = JSON.parse(readFileSync(join(folder, stateFile), 'utf8'));
  }

  /**
   * @param {string} origin
   * @returns {Seen | null}
   */
  latest(origin) {
    return Object.hasOwn(this.#latest, origin) ? /** @type {Seen} */ (this.#latest[origin]) : null;
  }

  /**
   * Makes the latest tree of an origin durable: a new file, fsync, rename, fsync of the folder.
   * @param {string} origin
   * @param {Seen} seen
   */
  remember(origin, seen) {
    const next = { ...this.#latest, [origin]: seen };
    const temporary = join(this.#folder, `${stateFile}.new`);
    writeFileSync(temporary, `${JSON.stringify(next, null, 1)}\n`, { flush: true });
    renameSync(temporary, join(this.#folder, stateFile));
    syncFolder(this.#folder);
    this.#latest = next;
  }
}
