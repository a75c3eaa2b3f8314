import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LexiconLanguage } from '../src/validation/classifier/lexicon.ts';

const folder = join(import.meta.dirname, 'lexicon');

/** The word lists of all languages, English first: its words win where two languages share a spelling. */
export function readLexicon(): LexiconLanguage[] {
  const codes = readdirSync(folder)
    .map((file) => file.replace('.txt', ''))
    .sort((one, other) => Number(other === 'en') - Number(one === 'en') || (one < other ? -1 : 1));
  return codes.map((language) => {
    const lines = readFileSync(join(folder, `${language}.txt`), 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const [name = '', words = ''] = line.split(/: (.*)/s);
        return [
          name,
          words
            .split(',')
            .map((word) => word.trim())
            .filter((word) => word !== ''),
        ] as const;
      });
    const functionWords = lines.find(([name]) => name === 'FUNCTION')?.[1] ?? [];
    const concepts = Object.fromEntries(lines.filter(([name]) => name !== 'FUNCTION'));
    return { language, functionWords, concepts };
  });
}
