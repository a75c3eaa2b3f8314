import type { DecisionType } from '../config/decision-type.ts';
import type { SurfaceKind, SurfaceText } from '../decision/surface.ts';
import type { Submission } from './submission.ts';

/** What a context is made of, as far as tools go: whose text is in it, and which texts may vouch for a payee. */
export interface Provenance {
  /** Surfaces with text in the context; results of trusted tools are left out. */
  readonly surfaces: ReadonlySet<SurfaceKind>;
  /** Texts that may vouch for identifiers. */
  readonly trusted: readonly string[];
}

/** Whose words are taken in a conversation: an assistant's may repeat what a document told it. */
const vouchingRoles: ReadonlySet<unknown> = new Set(['system', 'developer', 'user']);

/**
 * Pure. Trusted are the case as the authenticated caller gave it, or the messages of people and of the
 * application, where the type does not count chat as untrusted; the prompt; and results of tools that are
 * declared so. Nothing in a document, a retrieved passage or hidden is.
 * @param texts as inspected, those found in documents included
 */
export function provenanceOf(
  { config, promptText, tools }: DecisionType,
  submission: Submission,
  texts: readonly SurfaceText[],
): Provenance {
  const isTrustedTool = (id: string | null) =>
    id !== null && tools?.tools.get(id)?.config.result === 'trusted';
  const results = resultsOf(submission);
  const surfaces = new Set(
    texts
      .filter(({ surface, origin }) => surface !== 'tool_result' || !isTrustedTool(toolAt(results, origin)))
      .map(({ surface }) => surface),
  );
  if (submission.documents.length > 0) surfaces.add('document');
  const isChatTrusted = tools !== null && !tools.policy.untrusted.includes('chat');
  const own = isChatTrusted ? ownTexts(submission) : [];
  const vouched = results.filter(({ tool }) => isTrustedTool(tool)).flatMap(({ value }) => scalarsOf(value));
  const prompt = config.prompt === 'none' || promptText === null ? [] : [promptText];
  return { surfaces, trusted: [...own, ...vouched, ...prompt] };
}

/** Every string and number of a JSON value. Keys are names, not values: they vouch for nothing. */
function scalarsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((item) => scalarsOf(item));
}

function ownTexts({ content }: Submission): string[] {
  if (content.kind === 'case') return scalarsOf(content.input);
  if (content.kind === 'texts') return [];
  return content.messages.flatMap((message) => {
    const { role, content: said } = fieldsOf(message);
    return vouchingRoles.has(role) ? scalarsOf(said) : [];
  });
}

interface GivenResult {
  /** Where its text stands in the request. */
  readonly place: string;
  /** Null where the request does not say which tool it is from. */
  readonly tool: string | null;
  readonly value: unknown;
}

/** Results that came with the request: the authenticated caller says which of its tools gave them. */
function resultsOf({ content }: Submission): GivenResult[] {
  if (content.kind === 'case')
    return content.toolResults.map(({ tool, text }, i) => ({
      place: `/toolResults/${i}/`,
      tool,
      value: text,
    }));
  if (content.kind === 'texts') return [];
  const called = new Map<unknown, unknown>();
  return content.messages.flatMap((message, m) => {
    const { role, content: said, tool_calls: calls, tool_call_id: id } = fieldsOf(message);
    for (const call of Array.isArray(calls) ? calls : [])
      called.set(fieldsOf(call)['id'], fieldsOf(fieldsOf(call)['function'])['name']);
    if (role !== 'tool') return [];
    const tool = called.get(id);
    return [{ place: `/messages/${m}/`, tool: typeof tool === 'string' ? tool : null, value: said }];
  });
}

function toolAt(results: readonly GivenResult[], origin: string): string | null {
  return results.find(({ place }) => origin.startsWith(place))?.tool ?? null;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
