import type { Attachment } from '../extraction.ts';
import { tooLarge, unreadable } from '../markup/problem.ts';
import { type Archive, openArchive } from './archive.ts';
import { attributeOf, childrenOf, readXml, type XmlElement } from './xml.ts';

export interface Relationship {
  readonly id: string;
  /** The last segment of the type's URI, which transitional and strict files share. */
  readonly type: string;
  /** The name of a part, or an address outside of the package. */
  readonly target: string;
  readonly isExternal: boolean;
}

/** Parts that no text is in, whatever a viewer does. */
const mute: ReadonlySet<string> = new Set([
  'application/vnd.openxmlformats-officedocument.obfuscatedFont',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.printerSettings',
  'application/x-fontdata',
  'application/x-font-ttf',
]);

/** An Office file by its parts and relationships (ECMA-376-2). */
export class OfficePackage {
  readonly #archive: Archive;
  readonly #defaults = new Map<string, string>();
  readonly #overrides = new Map<string, string>();
  readonly #trees = new Map<string, XmlElement | null>();
  /** Parts whose text has been taken; what is left over is looked at in the end. */
  readonly #taken = new Set<string>();

  constructor(bytes: Uint8Array, expandedBytesMax: number) {
    this.#archive = openArchive(bytes, expandedBytesMax);
    const types = this.tree('[Content_Types].xml');
    if (types === null) throw unreadable('not-an-office-file');
    for (const type of childrenOf(types)) {
      const contentType = attributeOf(type, 'ContentType') ?? '';
      const key = attributeOf(type, type.name === 'Default' ? 'Extension' : 'PartName') ?? '';
      if (type.name === 'Default') this.#defaults.set(key.toLowerCase(), contentType);
      else this.#overrides.set(key.replace(/^\//, '').toLowerCase(), contentType);
    }
  }

  /** The part that everything starts from. */
  mainPart(root: string): { readonly name: string; readonly tree: XmlElement } {
    const name = this.relationships('').find(({ type }) => type === 'officeDocument')?.target ?? '';
    const tree = this.tree(name);
    if (tree?.name !== root) throw unreadable('not-an-office-file');
    return { name, tree };
  }

  tree(name: string): XmlElement | null {
    const key = name.toLowerCase();
    this.#taken.add(key);
    const known = this.#trees.get(key);
    if (known !== undefined) return known;
    const bytes = this.#archive.read(name);
    const tree = bytes === null ? null : readXml(bytes);
    this.#trees.set(key, tree);
    return tree;
  }

  /** Relationships of a part; of the package for ''. */
  relationships(part: string): Relationship[] {
    const folder = part.slice(0, part.lastIndexOf('/') + 1);
    const tree = this.tree(`${folder}_rels/${part.slice(folder.length)}.rels`);
    return childrenOf(tree, 'Relationship').map((one) => {
      const isExternal = attributeOf(one, 'TargetMode') === 'External';
      const target = attributeOf(one, 'Target') ?? '';
      return {
        id: attributeOf(one, 'Id') ?? '',
        type: (attributeOf(one, 'Type') ?? '').split('/').at(-1) ?? '',
        target: isExternal ? target : resolved(folder, target),
        isExternal,
      };
    });
  }

  /** Parts that a part refers to by a type, with their trees. */
  related(part: string, type: string): { readonly name: string; readonly tree: XmlElement }[] {
    return this.relationships(part)
      .filter((one) => one.type === type && !one.isExternal)
      .flatMap(({ target }) => {
        const tree = this.tree(target);
        return tree === null ? [] : [{ name: target, tree }];
      });
  }

  contentType(name: string): string {
    const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
    return this.#overrides.get(name.toLowerCase()) ?? this.#defaults.get(extension) ?? '';
  }

  /** Addresses outside of the package that any part refers to. */
  externalTargets(): string[] {
    return this.#archive.names
      .filter((name) => name.toLowerCase().endsWith('.rels'))
      .flatMap((name) => childrenOf(this.tree(name), 'Relationship'))
      .filter((one) => attributeOf(one, 'TargetMode') === 'External')
      .map((one) => attributeOf(one, 'Target') ?? '');
  }

  /** XML parts that nobody has asked for yet. */
  leftTrees(): { readonly name: string; readonly tree: XmlElement }[] {
    return this.#archive.names
      .filter((name) => !this.#taken.has(name.toLowerCase()) && this.#isXml(name))
      .flatMap((name) => {
        const tree = this.tree(name);
        return tree === null ? [] : [{ name, tree }];
      });
  }

  /** Everything that is not XML: pictures, embedded files, imported chunks. */
  attachments(attachmentsMax: number): Attachment[] {
    const names = this.#archive.names.filter(
      (name) => !this.#isXml(name) && !mute.has(this.contentType(name)),
    );
    if (names.length > attachmentsMax) throw tooLarge('attachments');
    return names.map((name, i) => {
      const mediaType = this.contentType(name);
      const kind = mediaType.startsWith('image/') ? 'image' : 'embedded';
      return { place: `${kind}=${i + 1}`, mediaType, bytes: this.#archive.read(name) ?? new Uint8Array() };
    });
  }

  #isXml(name: string): boolean {
    const type = this.contentType(name);
    // An imported chunk may be a page, and a page is not XML.
    if (type === 'application/xhtml+xml') return false;
    return /[+/]xml$/.test(type) || /\.(?:xml|rels|vml|svg)$/i.test(name) || type.endsWith('vmlDrawing');
  }
}

/** A target is relative to the folder of the part that refers to it (RFC 3986, 5.2.4). */
function resolved(folder: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1);
  const path: string[] = [];
  for (const segment of `${folder}${target}`.split('/')) {
    if (segment === '..') path.pop();
    else if (segment !== '.') path.push(segment);
  }
  return path.join('/');
}
