import { expect, it } from 'vitest';
import { checkLedger } from './ledger-check.ts';

// A cosigning key (algorithm 4) and a log's key (algorithm 1), whose ids are their own.
const witness = 'witness.test/w1+74064298+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const log = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';

function problemsOf(witnesses: { name: string; key: string; url: string }[], quorum: number): string[] {
  const document = {
    value: { ledger: { witnesses, quorum } },
    problem: (path: readonly (string | number)[], message: string) => ({ path, message }),
  };
  const found = checkLedger(document as unknown as Parameters<typeof checkLedger>[0]);
  return found.map(({ message }) => message);
}

const url = 'http://127.0.0.1:7070';

it('takes a witness with its own key, and a quorum that can be reached', () => {
  expect(problemsOf([{ name: 'witness.test/w1', key: witness, url }], 1)).toEqual([]);
});

it.each([
  ['no key at all', [{ name: 'a', key: 'x', url }], 1, /no verifier key of a witness/],
  ['the key of a log', [{ name: 'PeterNeumann', key: log, url }], 1, /no verifier key of a witness/],
  ['the key of another', [{ name: 'other', key: witness, url }], 1, /belongs to "witness.test\/w1"/],
  ['too large a quorum', [], 1, /1 cosignatures cannot come from 0 witnesses/],
])('refuses %s', (_what, witnesses, quorum, sentence) => {
  expect(problemsOf(witnesses, quorum)).toEqual([expect.stringMatching(sentence)]);
});
