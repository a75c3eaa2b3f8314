// Preloaded into a gateway (`node --import`): counts every write, fsync, publish, commit, send and signature,
// and makes the Nth of one kind fail. Armed and read through the file of FAULT_CONTROL, which the proof
// writes; so the gateway itself holds no code for it.
import { createRequire, syncBuiltinESMExports } from 'node:module';

const require = createRequire(import.meta.url);
const fs = require('node:fs');
const crypto = require('node:crypto');
const pg = require('pg');
const undici = require('undici');

const { readFileSync } = fs;
const writePlainly = fs.writeFileSync;
const { closeSync, fsyncSync, openSync } = fs;
const control = process.env.FAULT_CONTROL;
const report = process.env.FAULT_REPORT;

/** What is to fail next; `id` changes with every arming, and starts the counts anew. */
let armed = { id: '', kind: '', n: 0, effect: '' };
let counts = {};
let fired = false;

function arm() {
  const next = JSON.parse(readFileSync(control, 'utf8'));
  if (next.id === armed.id) return;
  armed = next;
  counts = {};
  fired = false;
  tell();
}

function tell() {
  const file = openSync(report, 'w');
  writePlainly(file, JSON.stringify({ id: armed.id, fired, counts }));
  fsyncSync(file);
  closeSync(file);
}

/** The effect that hits this operation, or null. */
function strike(kind) {
  arm();
  if (armed.id === '') return null;
  counts[kind] = (counts[kind] ?? 0) + 1;
  const hit = kind === armed.kind && counts[kind] === armed.n;
  if (hit) fired = true;
  if (hit || armed.kind === 'count') tell();
  if (!hit) return null;
  if (armed.effect === 'kill') process.kill(process.pid, 'SIGKILL');
  return armed.effect;
}

function fault(effect, syscall) {
  return Object.assign(new Error(`${effect}: injected, ${syscall}`), { code: effect, errno: -5, syscall });
}

const delayMs = 2_500;
const later = (work) => new Promise((resolve) => setTimeout(resolve, delayMs)).then(work);
const pauseSync = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);

function wrapSync(owner, name, kind) {
  const plain = owner[name];
  owner[name] = function wrapped(...args) {
    // Logs are no part of the record.
    const effect = args[0] === 1 || args[0] === 2 ? null : strike(kind);
    if (effect === 'delay') pauseSync();
    else if (effect !== null) throw fault(effect, name);
    return plain.apply(this, args);
  };
}

function wrapAsync(owner, name, kind) {
  const plain = owner[name];
  owner[name] = function wrapped(...args) {
    const effect = strike(kind);
    if (effect === 'delay') return later(() => plain.apply(this, args));
    if (effect !== null) return Promise.reject(fault(effect, name));
    return plain.apply(this, args);
  };
}

wrapSync(fs, 'writeSync', 'write');
wrapSync(fs, 'fsyncSync', 'fsync');
wrapSync(fs, 'fdatasyncSync', 'fsync');
wrapSync(fs, 'renameSync', 'publish');
wrapSync(fs, 'linkSync', 'publish');
wrapSync(fs, 'writeFileSync', 'write');
wrapAsync(fs.promises, 'writeFile', 'write');
wrapAsync(fs.promises, 'appendFile', 'write');
wrapAsync(fs.promises, 'rename', 'publish');
wrapAsync(fs.promises, 'link', 'publish');
for (const [name, kind] of [
  ['fsync', 'fsync'],
  ['fdatasync', 'fsync'],
]) {
  const plain = fs[name];
  fs[name] = function wrapped(fd, done) {
    const effect = strike(kind);
    if (effect === 'delay') setTimeout(() => plain(fd, done), delayMs);
    else if (effect !== null) process.nextTick(done, fault(effect, name));
    else plain(fd, done);
  };
}
const handle = await fs.promises.open(control, 'r');
const prototype = Object.getPrototypeOf(handle);
await handle.close();
wrapAsync(prototype, 'writeFile', 'write');
wrapAsync(prototype, 'write', 'write');
wrapAsync(prototype, 'sync', 'fsync');
wrapAsync(prototype, 'datasync', 'fsync');

wrapSync(crypto, 'sign', 'sign');

// A commit fails before the server has seen it, or after it has done it: the gateway must cope with both.
// Called with the client as `this`, below.
const { query: plainQuery } = pg.Client.prototype;
pg.Client.prototype.query = function query(config, ...rest) {
  const isCommit =
    (typeof config === 'object' && config !== null && /^(commit-|ledger_save)/.test(config.name ?? '')) ||
    (config?.text ?? config) === 'COMMIT';
  if (!isCommit) return plainQuery.call(this, config, ...rest);
  const before = strike('commit');
  if (before === 'delay') return later(() => plainQuery.call(this, config, ...rest));
  if (before === 'ENOSPC') {
    const error = new pg.DatabaseError('injected: disk full', 0, 'error');
    return Promise.reject(Object.assign(error, { code: '53100' }));
  }
  if (before !== null) {
    this.connection.stream.destroy(fault(before, 'commit'));
    return Promise.reject(fault(before, 'commit'));
  }
  const done = plainQuery.call(this, config, ...rest);
  return done.then((result) => {
    const after = strike('committed');
    if (after === 'delay') return later(() => result);
    if (after === null) return result;
    this.connection.stream.destroy(fault(after, 'committed'));
    throw fault(after, 'committed');
  });
};

const { dispatch: plainDispatch } = undici.Pool.prototype;
undici.Pool.prototype.dispatch = function dispatch(options, handler) {
  const before = strike('send');
  const afterwards = () => strike('sent');
  if (before === 'delay') {
    setTimeout(() => plainDispatch.call(this, options, handler), delayMs);
    return true;
  }
  if (before !== null) {
    process.nextTick(() => handler.onResponseError?.(null, fault(before, 'send')));
    return true;
  }
  const more = plainDispatch.call(this, options, handler);
  afterwards();
  return more;
};

syncBuiltinESMExports();
