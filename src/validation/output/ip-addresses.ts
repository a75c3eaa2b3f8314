import type { Candidate } from './candidate.ts';
import { separated } from './context.ts';

const octet = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const version4 = new RegExp(String.raw`(?<![\w.:-])${octet}(?:\.${octet}){3}(?![\w-]|\.\d)`, 'g');
const version6 = /(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi;

/** Of this machine, of everybody or of nobody: these tell nothing about a person (RFC 6890). */
const general = /^(?:0\.|127\.|255\.255\.255\.|22[4-9]\.|23\d\.)/;
/** Numbering of things that also has four parts. */
const numbering = /(?:version|release|build|firmware|section|clause|chapter|paragraph|article|\bv|§)[ .:#]*$/;
const NUMBERING_WITHIN_CHARACTERS = 16;

/** Addresses of machines, which lead to persons (CJEU C-582/14, Breyer). */
export function findIpAddresses(text: string): Candidate[] {
  const found: Candidate[] = [];
  for (const { 0: match, index: start } of text.matchAll(version4)) {
    const before = separated(text.slice(Math.max(0, start - NUMBERING_WITHIN_CHARACTERS), start));
    if (!general.test(match) && !numbering.test(before))
      found.push({ class: 'ip-address', rule: 'ip-address', start, end: start + match.length });
  }
  if (!text.includes(':')) return found;
  for (const { 0: match, index: start } of text.matchAll(version6)) {
    // "::" and "::1" name no machine in particular, and "12:30:45" is a time.
    if (isVersion6(match) && match !== '::1')
      found.push({ class: 'ip-address', rule: 'ip-address', start, end: start + match.length });
  }
  return found;
}

/** Eight groups, or fewer where a double colon, once, stands for the rest (RFC 4291, 2.2). */
function isVersion6(text: string): boolean {
  const [head = '', tail, ...more] = text.split('::');
  const groups = [...head.split(':'), ...(tail ?? '').split(':')].filter((group) => group !== '');
  if (more.length > 0 || text.endsWith(':::') || groups.length === 0) return false;
  const colons = text.replace('::', '').split(':').length - 1;
  if (tail === undefined) return groups.length === 8 && colons === 7;
  const isWhole = [head, tail].every((part) => !part.startsWith(':') && !part.endsWith(':'));
  return groups.length < 8 && isWhole;
}
