import type { Layer } from '../extraction.ts';
import type { Gathering } from '../markup/gathering.ts';
import { isPhrase } from '../markup/prose.ts';
import type { OfficePackage } from './package.ts';
import type { XmlElement } from './xml.ts';

/** Attributes are names, numbers and codes; four words make a sentence of one. */
const ATTRIBUTE_WORDS = 4;

/** Sentences in attributes, wherever they stand. */
export function addAttributes(element: XmlElement, gathering: Gathering, layer: Layer = 'metadata'): void {
  for (const value of element.attributes.values()) {
    if (value.includes(' ') && isPhrase(value, ATTRIBUTE_WORDS)) gathering.addLine(layer, value, 'attribute');
  }
}

/** All text of a tree, line by line, and the sentences in its attributes. */
export function addTree(tree: XmlElement, gathering: Gathering, layer: Layer, part: string): void {
  addAttributes(tree, gathering);
  for (const child of tree.children) {
    if (typeof child === 'string') {
      if (child.trim() !== '') gathering.addLine(layer, child, part);
    } else addTree(child, gathering, layer, part);
  }
}

/** Kinds of leftover parts whose text a viewer draws: charts, diagrams, vector pictures. */
const drawn = /(?:^|\/)(?:charts?|chartEx|diagrams|drawings|media)\//i;
const properties = /(?:^|\/)docProps\//i;

/**
 * What no reader has asked for: properties, custom XML, caches, parts that nothing refers to. Every
 * text in the package is looked at, whether or not a viewer has a use for it.
 */
export function addLeftovers(file: OfficePackage, gathering: Gathering): void {
  gathering.page = null;
  for (const { name, tree } of file.leftTrees()) {
    const part = drawn.test(name) ? 'drawing' : properties.test(name) ? 'properties' : 'data';
    addTree(tree, gathering, part === 'drawing' ? 'annotation' : 'metadata', part);
  }
  for (const target of file.externalTargets()) gathering.addLine('metadata', target, 'link');
}
