import { describe, expect, it } from 'vitest';
import { makeRelease } from './manifest.ts';
import { assemblePrompt } from './prompt.ts';

const part = (name: string, text: string) => ({ name, mediaType: 'text/plain', bytes: Buffer.from(text) });

describe('a release', () => {
  it('has the same digest for the same parts in any order, and another for any change', () => {
    const parts = [part('prompt.md', 'Decide.'), part('type.yaml', 'name: a')];
    const { digest, stored } = makeRelease('a', '1.0.0', parts);
    expect(makeRelease('a', '1.0.0', parts.toReversed()).digest).toBe(digest);
    expect(stored).toHaveLength(3);
    const others = [
      makeRelease('b', '1.0.0', parts),
      makeRelease('a', '1.0.1', parts),
      makeRelease('a', '1.0.0', [part('prompt.md', 'Decide!'), part('type.yaml', 'name: a')]),
    ];
    expect(new Set([digest, ...others.map((other) => other.digest)]).size).toBe(4);
  });
});

describe('an assembled prompt', () => {
  it('puts everything from outside between markers and only our text outside of them', () => {
    const [system, user] = assemblePrompt({
      promptText: 'Judge the case.',
      marker: 'MARK',
      caseInput: { note: 'case text' },
      context: [{ id: 'kb"1', version: '2', text: 'passage text' }],
      toolResults: [{ tool: 'lookup', text: 'tool text' }],
      documents: [{ surface: 'document', origin: '/documents/0#page=1', text: 'page text' }],
    });
    expect(system?.content).toMatch(/^Judge the case\.\n\nText between <data marker="MARK">/);
    const outside = user?.content
      .replaceAll(/<data marker="MARK"[^>]*>\n[\s\S]*?\n<\/data marker="MARK">/g, '')
      .trim();
    expect(outside).toBe('');
    for (const text of ['case text', 'passage text', 'tool text', 'page text'])
      expect(user?.content).toContain(text);
    expect(user?.content).toContain('id="kb&quot;1"');
  });
});
