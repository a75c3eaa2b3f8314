import { dataBlock } from '../release/prompt.ts';

interface ToolMessage {
  readonly role: 'tool';
  readonly tool_call_id?: unknown;
  readonly content?: unknown;
}

/**
 * The messages of a drop-in request with what tools answered set apart as data; all others, and all of them
 * without a marker, byte for byte as they came. A user's own words are left alone: in a chat they do instruct.
 */
export function delimitToolMessages(messages: readonly unknown[], marker: string | null): readonly unknown[] {
  if (marker === null) return messages;
  return messages.map((message) => (isToolMessage(message) ? delimited(message, marker) : message));
}

function isToolMessage(message: unknown): message is ToolMessage {
  return typeof message === 'object' && message !== null && 'role' in message && message.role === 'tool';
}

function delimited(message: ToolMessage, marker: string): ToolMessage {
  const id = typeof message.tool_call_id === 'string' ? message.tool_call_id : '';
  const block = (text: string) => dataBlock(marker, { kind: 'tool_result', id, text });
  const { content } = message;
  if (typeof content === 'string') return { ...message, content: block(content) };
  if (!Array.isArray(content)) return message;
  const parts: unknown[] = content.map((part: unknown) => delimitedPart(part, block));
  return { ...message, content: parts };
}

function delimitedPart(part: unknown, block: (text: string) => string): unknown {
  if (typeof part !== 'object' || part === null || !('text' in part)) return part;
  return typeof part.text === 'string' ? { ...part, text: block(part.text) } : part;
}
