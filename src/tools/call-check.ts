import type { ReasonCode } from '../decision/reason.ts';
import type { IdentifierKind } from './identifier.ts';
import { standsIn } from './identifier.ts';
import type { Tool, ToolConfig, Toolbox } from './declaration.ts';
import type { Offer } from './offer.ts';

/** A call as a model wrote it. */
export interface WantedCall {
  readonly name: string;
  /** JSON. */
  readonly arguments: string;
}

export type CheckedCall =
  | {
      readonly kind: 'admitted';
      readonly tool: Tool;
      /** Written again from what was checked, so that no doubled key hides another value. */
      readonly arguments: string;
    }
  /** Names tools and arguments as declared, never what the model wrote (I8). */
  | { readonly kind: 'stopped'; readonly reason: ReasonCode; readonly detail: string };

/**
 * Whether one call may be made: the tool is on the list and not withdrawn, its arguments match its schema, and
 * what must come from a trusted source stands in one. Pure.
 * @param trusted texts that may vouch for identifiers
 */
export function checkCall(
  call: WantedCall,
  toolbox: Toolbox | null,
  offer: Offer,
  trusted: readonly string[],
): CheckedCall {
  const tool = toolbox?.tools.get(call.name);
  if (tool === undefined) return stopped('TOOL_NOT_ALLOWED', 'a tool that is not on the list');
  const { id } = tool.config;
  if (offer.withheld.includes(id)) return stopped('TOOL_WITHDRAWN', id);
  if (!offer.offered.includes(id)) return stopped('TOOL_NOT_ALLOWED', `${id} was not offered`);
  const value = parseArguments(call.arguments);
  if (value === null || !tool.matchesParameters(value)) return stopped('TOOL_ARGUMENTS_INVALID', id);
  const tainted = taintedArguments(tool.config, value, trusted);
  if (tainted.length > 0) return stopped('TOOL_ARGUMENT_TAINTED', `${id}: ${tainted.join(', ')}`);
  return { kind: 'admitted', tool, arguments: JSON.stringify(value) };
}

function stopped(reason: ReasonCode, detail: string): CheckedCall {
  return { kind: 'stopped', reason, detail };
}

function parseArguments(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function taintedArguments(
  { arguments: rules }: ToolConfig,
  value: Readonly<Record<string, unknown>>,
  trusted: readonly string[],
): string[] {
  return Object.entries(rules).flatMap(([name, rule]) => {
    if (rule.taint === 'any' || !Object.hasOwn(value, name)) return [];
    return isVouchedFor(value[name], rule.as, trusted) ? [] : [name];
  });
}

/** Every string and number within it stands in a trusted text; keys are what the schema declares. */
function isVouchedFor(value: unknown, kind: IdentifierKind, trusted: readonly string[]): boolean {
  if (typeof value === 'string' || typeof value === 'number') return standsIn(value, kind, trusted);
  if (Array.isArray(value)) return value.every((item) => isVouchedFor(item, kind, trusted));
  if (typeof value === 'object' && value !== null)
    return Object.values(value).every((item) => isVouchedFor(item, kind, trusted));
  return true;
}
