import { canonicalJson } from '../decision/canonical.ts';
import { policyParts } from './policy-json.ts';
import type { Mechanism, ResidencyPolicy, TransferRule } from './policy.ts';

/**
 * What differs between two policies, one sentence for each change: `endpoint eu-1: processing DE → DE, IE`.
 * Order of lists of things counts, too: of two mechanisms that suffice the first is taken.
 */
export function policyDifference(before: ResidencyPolicy | null, after: ResidencyPolicy): readonly string[] {
  const old = before === null ? nothing : policyParts(before);
  return [
    ...differenceOf('jurisdiction', byId(old.jurisdictions), byId(after.jurisdictions)),
    ...differenceOf('data class', byId(old.dataClasses), byId(after.dataClasses)),
    ...differenceOf('endpoint', byId(old.endpoints), byId(after.endpoints)),
    ...differenceOf('mechanism', byId(old.mechanisms), byId(after.mechanisms)),
    ...differenceOf('transfer rule', byRule(old.transferRules), byRule(after.transferRules)),
  ];
}

const nothing: ResidencyPolicy = {
  jurisdictions: [],
  dataClasses: [],
  endpoints: [],
  mechanisms: [],
  transferRules: [],
};

type Things = ReadonlyMap<string, object>;

function byId(things: readonly { readonly id: string }[]): Things {
  return new Map(things.map((thing) => [thing.id, thing]));
}

/** A rule without an id is known by what it is about; two about the same are told apart by number. */
function byRule(rules: readonly TransferRule[]): Things {
  const named = new Map<string, object>();
  for (const rule of rules) {
    const about = rule.id ?? `${rule.subjectJurisdiction} ${rule.dataClass} ${rule.purposes.join('+')}`;
    let name = about;
    for (let number = 2; named.has(name); number += 1) name = `${about} (${number})`;
    named.set(name, rule);
  }
  return named;
}

function differenceOf(kind: string, before: Things, after: Things): string[] {
  const lines: string[] = [];
  for (const [name, thing] of before) {
    if (!after.has(name)) lines.push(`${kind} ${name} removed${summary(kind, thing)}`);
  }
  for (const [name, thing] of after) {
    const old = before.get(name);
    if (old === undefined) lines.push(`${kind} ${name} added${summary(kind, thing)}`);
    else lines.push(...changes(old, thing).map((change) => `${kind} ${name}: ${change}`));
  }
  const kept = [...before.keys()].filter((name) => after.has(name));
  const order = [...after.keys()].filter((name) => before.has(name));
  if (kept.join('\n') !== order.join('\n'))
    lines.push(`${kind}s: order ${kept.join(', ')} → ${order.join(', ')}`);
  return lines;
}

/** The one thing whose own words matter most when it appears or goes: on what a transfer rests. */
function summary(kind: string, thing: object): string {
  if (kind !== 'mechanism') return '';
  const { kind: basis, from, to, recipient, validUntil } = thing as Mechanism;
  return `: ${basis} from ${from} to ${to.join(', ')} for ${recipient === '*' ? 'everybody' : recipient}, until ${validUntil}`;
}

function changes(before: object, after: object, path = ''): string[] {
  const old = before as Readonly<Record<string, unknown>>;
  const now = after as Readonly<Record<string, unknown>>;
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return keys.flatMap((key) => {
    const [from, to] = [old[key], now[key]];
    if (from !== undefined && to !== undefined && canonicalJson(from) === canonicalJson(to)) return [];
    if (isObject(from) && isObject(to)) return changes(from, to, `${path}${key}.`);
    return [`${path}${key} ${inWords(from)} → ${inWords(to)}`];
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (!Array.isArray(value)) return plain(value);
  return value.length === 0 ? 'none' : value.map(plain).join(', ');
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}
