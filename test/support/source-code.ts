import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** One TypeScript file, as far as rules about the house need it. */
export interface SourceFile {
  /** Path below `src`, with `/`. */
  readonly path: string;
  /** Top folder: the room. */
  readonly room: string;
  readonly text: string;
  /** The text with comments, strings and regular expressions blanked; offsets and lines stay. */
  readonly code: string;
  readonly imports: readonly SourceImport[];
}

export interface SourceImport {
  readonly specifier: string;
  /** Erased by the compiler: `import type`, `export type … from`, `import('…').T`. */
  readonly typeOnly: boolean;
}

/** Every TypeScript file below a folder, tests and all. */
export function readSources(folder: string): SourceFile[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const full = join(entry.parentPath, entry.name);
      return sourceFile(relative(folder, full).split(sep).join('/'), readFileSync(full, 'utf8'));
    });
}

export function sourceFile(path: string, text: string): SourceFile {
  const { code, specifiers } = scan(text);
  return { path, room: path.split('/')[0] ?? '', text, code, imports: importsOf(code, specifiers) };
}

export function isTest(file: SourceFile): boolean {
  return file.path.endsWith('.test.ts');
}

interface Scan {
  readonly code: string;
  /** Content of each quoted string by the offset of its opening quote. */
  readonly specifiers: ReadonlyMap<number, string>;
}

/** After these a slash begins a regular expression; elsewhere it divides. */
const beforeRegex = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete))\s*$/;

/** A lexer that knows comments, strings, nested templates and regular expressions, and nothing more. */
function scan(text: string): Scan {
  const specifiers = new Map<number, string>();
  const out = text.split('');
  const blank = (from: number, to: number) => {
    for (let i = from; i < to; i++) if (out[i] !== '\n') out[i] = ' ';
  };
  // Depth of braces inside each open `${`.
  const templates: number[] = [];
  let at = 0;
  const end = (pattern: RegExp, from: number) => {
    pattern.lastIndex = from;
    return pattern.exec(text) === null ? text.length : pattern.lastIndex;
  };
  const template = (from: number) => {
    const to = end(/(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)/y, from);
    blank(from, to);
    if (text[to - 1] === '{') templates.push(0);
    return to;
  };
  while (at < text.length) {
    const two = text.slice(at, at + 2);
    const one = text[at];
    let next = at + 1;
    if (two === '//') blank(at, (next = end(/[^\n]*/y, at)));
    else if (two === '/*') blank(at, (next = end(/[^]*?\*\//g, at)));
    else if (one === "'" || one === '"') {
      next = end(one === "'" ? /'(?:[^'\\\n]|\\[^])*'/y : /"(?:[^"\\\n]|\\[^])*"/y, at);
      specifiers.set(at, text.slice(at + 1, next - 1));
      blank(at + 1, next - 1);
    } else if (one === '`') {
      out[at] = ' ';
      next = template(at + 1);
    } else if (one === '/' && beforeRegex.test(out.slice(Math.max(0, at - 40), at).join(''))) {
      blank(at, (next = end(/\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y, at)));
    } else if (one === '{' && templates.length > 0) templates.push((templates.pop() ?? 0) + 1);
    else if (one === '}' && templates.length > 0) {
      const depth = templates.pop() ?? 0;
      if (depth > 0) templates.push(depth - 1);
      else {
        out[at] = ' ';
        next = template(at + 1);
      }
    }
    at = next;
  }
  return { code: out.join(''), specifiers };
}

const importPatterns: readonly { readonly pattern: RegExp; readonly typeOnly: (match: string) => boolean }[] =
  [
    // import … from, export … from
    {
      pattern: /\b(?:import|export)\b(?!\s*[(.])[^;'"()=]*?\bfrom\s*(?=['"])/g,
      typeOnly: (match) => /^(?:import|export)\s+type\b/.test(match),
    },
    { pattern: /\bimport\s*(?=['"])/g, typeOnly: () => false },
    { pattern: /\b(?:import|require)\s*\(\s*(?=['"])/g, typeOnly: () => false },
    // Files that are started rather than imported: workers, child processes.
    {
      pattern: /\bnew\s+URL\s*\(\s*(?=['"])|\bimport\.meta\.resolve\s*\(\s*(?=['"])/g,
      typeOnly: () => false,
    },
  ];

function importsOf(code: string, specifiers: ReadonlyMap<number, string>): SourceImport[] {
  return importPatterns.flatMap(({ pattern, typeOnly }) =>
    [...code.matchAll(pattern)].flatMap((match) => {
      const specifier = specifiers.get(match.index + match[0].length);
      if (specifier === undefined) throw new Error('an import without a specifier: the scanner is broken');
      // An address, or a folder.
      const isNoFile = match[0].startsWith('new') && !/^\.{1,2}\/.*\.\w+$/.test(specifier);
      return isNoFile ? [] : [{ specifier, typeOnly: typeOnly(match[0]) }];
    }),
  );
}

/** An import whose target stands in no string: nobody can tell where it leads. */
export function hasComputedImport(file: SourceFile): boolean {
  return /\bimport\s*\((?!\s*['"])|\brequire\s*\((?!\s*['"])|\bcreateRequire\b/.test(file.code);
}

/** Path below `src` that a relative import leads to; null for a package. */
export function resolveImport(file: SourceFile, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  const url = new URL(specifier, `file:///src/${file.path}`);
  return decodeURIComponent(url.pathname).replace(/^\/src\//, '');
}

export interface Block {
  readonly line: number;
  readonly lines: number;
}

/**
 * Blocks between braces that are code: bodies of functions and of what they hold. Object and type
 * literals, classes and interfaces may be as long as they are wide.
 */
export function codeBlocks(file: SourceFile): Block[] {
  const { code } = file;
  const open: { at: number; isCode: boolean }[] = [];
  const blocks: Block[] = [];
  const lineAt = (at: number) => code.slice(0, at).split('\n').length;
  for (let at = 0; at < code.length; at++) {
    if (code[at] === '{') open.push({ at, isCode: isCode(code.slice(0, at)) });
    if (code[at] !== '}') continue;
    const block = open.pop();
    if (!block) throw new Error(`unbalanced braces in ${file.path}: the scanner is broken`);
    if (block.isCode) blocks.push({ line: lineAt(block.at), lines: lineAt(at) - lineAt(block.at) + 1 });
  }
  if (open.length > 0) throw new Error(`unbalanced braces in ${file.path}: the scanner is broken`);
  return blocks;
}

const literalBefore = /(?:(?<!=)>|[(,[:?&|<=]|\b(?:return|default|as|import|export|type))\s*$/;
const containerBefore = /\b(?:class|interface|declare\s+module|import|export)\b[^;{}()]*$/;

function isCode(before: string): boolean {
  const head = before.slice(-400);
  if (/=>\s*$/.test(head)) return true;
  return (
    !(literalBefore.test(head) && !/\)\s*:\s*[\w.]+<[^;={}]*>\s*$/.test(head)) && !containerBefore.test(head)
  );
}
