import type { Static } from 'typebox';
import type { RetentionTerm } from '../decision/entry.ts';
import type { RetentionRuleSchema } from './audit-schema.ts';
import type { DecisionTypeConfig } from './decision-type-schema.ts';

/**
 * Every term that a record of this type and jurisdiction must be kept for: the type's own and that of each
 * rule that applies. Keys stand in the order of canonical JSON.
 */
export function retentionTerms(
  rules: readonly Static<typeof RetentionRuleSchema>[],
  type: DecisionTypeConfig,
  jurisdiction: string,
): RetentionTerm[] {
  const { class: own, clockStart, years } = type.retention;
  const applies = (names: readonly string[], name: string) => names.length === 0 || names.includes(name);
  return [
    { class: own, clockStart, months: years * 12 },
    ...rules
      .filter((rule) => applies(rule.jurisdictions, jurisdiction) && applies(rule.decisionTypes, type.name))
      .map((rule) => ({
        class: rule.class,
        clockStart: rule.clockStart,
        months: rule.months === 'indefinite' ? null : rule.months,
      })),
  ];
}
