import { isUtf8 } from 'node:buffer';
import { defaultTreeAdapter, type DefaultTreeAdapterTypes, parse } from 'parse5';
import { tooLarge, unreadable } from './problem.ts';
import type { Element } from './selector.ts';

export type Document = DefaultTreeAdapterTypes.Document;
export type ChildNode = DefaultTreeAdapterTypes.ChildNode;

const ELEMENTS_MAX = 200_000;
/** Newsletters nest their tables some sixty deep. */
const DEPTH_MAX = 512;
const ATTRIBUTES_MAX = 500;

/** Parses a page as browsers do, within bounds. @throws DocumentProblem beyond them */
export function parsePage(source: string): Document {
  let elements = 0;
  let depth = 0;
  return parse(source, {
    // Readers run no script here, so what is said for want of scripts is content.
    scriptingEnabled: false,
    treeAdapter: {
      ...defaultTreeAdapter,
      createElement(name, space, attributes) {
        elements += 1;
        // Misnested tags make the parser copy elements, which counts as well.
        if (elements > ELEMENTS_MAX) throw tooLarge('elements');
        if (attributes.length > ATTRIBUTES_MAX) throw tooLarge('attributes');
        return defaultTreeAdapter.createElement(name, space, attributes);
      },
      onItemPush() {
        depth += 1;
        if (depth > DEPTH_MAX) throw tooLarge('depth');
      },
      onItemPop() {
        depth -= 1;
      },
    },
  });
}

function childElements(node: { readonly childNodes: readonly ChildNode[] }): Element[] {
  return node.childNodes.filter((child) => 'tagName' in child);
}

/** All elements below a node, in document order. */
export function elementsOf(
  node: { readonly childNodes: readonly ChildNode[] },
  found: Element[] = [],
): Element[] {
  for (const child of childElements(node)) {
    found.push(child);
    elementsOf(child, found);
  }
  return found;
}

/** The text of an element, whatever its look. */
export function innerText(node: { readonly childNodes: readonly ChildNode[] }): string {
  return node.childNodes
    .map((child) =>
      child.nodeName === '#text'
        ? (child as DefaultTreeAdapterTypes.TextNode).value
        : 'tagName' in child
          ? innerText(child)
          : '',
    )
    .join('');
}

const SNIFFED_BYTES = 1024;

/** The characters of a page: by its mark, as UTF-8 where it is valid, or as it declares. */
export function decodePage(bytes: Uint8Array): string {
  const mark = Buffer.from(bytes.subarray(0, 2)).toString('hex');
  if (mark === 'fffe') return new TextDecoder('utf-16le').decode(bytes);
  if (mark === 'feff') return new TextDecoder('utf-16be').decode(bytes);
  if (isUtf8(bytes)) return new TextDecoder('utf-8').decode(bytes);
  const head = Buffer.from(bytes.subarray(0, SNIFFED_BYTES)).toString('latin1');
  const declared = /charset\s*=\s*["']?\s*([\w-]+)/i.exec(head)?.[1] ?? 'windows-1252';
  try {
    return new TextDecoder(declared).decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw unreadable('charset');
    throw error;
  }
}
