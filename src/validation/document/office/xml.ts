import { SaxesParser } from 'saxes';
import { tooLarge, unreadable } from '../markup/problem.ts';

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  /** The namespace. */
  readonly space: string;
  /** By local name: those of the element's own vocabulary, and references to other parts. Others are named in full. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlNode[];
}
export type XmlNode = XmlElement | string;

/** Tables in tables in text boxes come to about a hundred. */
const DEPTH_MAX = 256;
const ELEMENTS_MAX = 1_000_000;
const ATTRIBUTES_MAX = 200;
/** Fed in slices, so that a bound that is passed ends the work soon. */
const SLICE = 64 * 1024;

/**
 * Reads a part into a tree. Document type declarations are refused (ECMA-376-2, 7.2.3.3): with them go
 * entities of the document's own and whatever they expand to.
 *
 * @throws DocumentProblem when it is not well-formed or beyond the bounds
 */
export function readXml(bytes: Uint8Array): XmlElement {
  const top: XmlElement & { children: XmlNode[] } = {
    name: '',
    space: '',
    attributes: new Map(),
    children: [],
  };
  const open = [top];
  const parser = new SaxesParser({ xmlns: true, position: false });
  let elements = 0;
  let attributes = 0;
  parser.on('error', () => {
    throw unreadable('xml');
  });
  parser.on('doctype', () => {
    throw unreadable('xml-doctype');
  });
  parser.on('opentagstart', () => {
    attributes = 0;
    elements += 1;
    if (elements > ELEMENTS_MAX) throw tooLarge('elements');
    if (open.length > DEPTH_MAX) throw tooLarge('depth');
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > ATTRIBUTES_MAX) throw tooLarge('attributes');
  });
  parser.on('opentag', ({ local, uri, attributes: given }) => {
    const element = { name: local, space: uri, attributes: attributesOf(given, uri), children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  const text = (value: string) => {
    open.at(-1)?.children.push(value);
  };
  parser.on('text', text);
  parser.on('cdata', text);
  const source = decoded(bytes);
  for (let at = 0; at < source.length; at += SLICE) parser.write(source.slice(at, at + SLICE));
  parser.close();
  const root = top.children.find((node) => typeof node !== 'string');
  if (root === undefined) throw unreadable('xml');
  return root;
}

interface GivenAttribute {
  readonly local: string;
  readonly prefix: string;
  readonly uri: string;
  readonly value: string;
}

function attributesOf(given: Readonly<Record<string, GivenAttribute>>, space: string): Map<string, string> {
  const attributes = new Map<string, string>();
  const all = Object.values(given).filter(({ prefix, local }) => prefix !== 'xmlns' && local !== 'xmlns');
  const isOwn = ({ uri }: GivenAttribute) => uri === '' || uri === space;
  for (const one of all) {
    if (isOwn(one)) continue;
    attributes.set(one.uri.endsWith('/relationships') ? one.local : `${one.uri} ${one.local}`, one.value);
  }
  for (const one of all) if (isOwn(one)) attributes.set(one.local, one.value);
  return attributes;
}

function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw unreadable('xml-encoding');
    throw error;
  }
}

/** The first child of a name in the parent's own vocabulary. */
export function childOf(element: XmlElement | null | undefined, name: string): XmlElement | null {
  for (const child of element?.children ?? []) {
    if (typeof child !== 'string' && child.name === name && child.space === element?.space) return child;
  }
  return null;
}

export function childrenOf(element: XmlElement | null | undefined, name?: string): XmlElement[] {
  return (element?.children ?? []).filter(
    (child) => typeof child !== 'string' && (name === undefined || child.name === name),
  ) as XmlElement[];
}

/** All elements of a name below another, in document order, whatever their namespace. */
export function descendantsOf(element: XmlElement, name: string, found: XmlElement[] = []): XmlElement[] {
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    if (child.name === name) found.push(child);
    descendantsOf(child, name, found);
  }
  return found;
}

export function attributeOf(element: XmlElement | null | undefined, name: string): string | null {
  return element?.attributes.get(name) ?? null;
}

/** All character data of an element. */
export function textOf(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

/** An on/off value (ECMA-376-1, 17.17.4 and 22.9.2.1): an element without a value is on. */
export function isOn(value: string | null): boolean {
  return value === null || !['0', 'false', 'off'].includes(value.trim().toLowerCase());
}
