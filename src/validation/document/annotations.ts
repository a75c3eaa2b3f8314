import type { ExtractedPiece } from './extraction.ts';
import { areApart, type Box } from './geometry.ts';

/** Flags of an annotation (ISO 32000-2, table 167): invisible, hidden, no view. */
const UNSEEN = 1 | 2 | 32;

interface Annotation {
  readonly id?: unknown;
  readonly annotationFlags?: unknown;
  readonly rect?: unknown;
  readonly fieldType?: unknown;
  readonly hidden?: unknown;
  readonly [property: string]: unknown;
}

/** Where the parser puts the texts of annotations and form fields. */
const annotationTexts = [
  'titleObj',
  'contentsObj',
  'richText',
  'alternativeText',
  'overlaidText',
  'unsafeUrl',
];
const fieldTexts = [
  'fieldName',
  'fieldValue',
  'defaultFieldValue',
  'buttonValue',
  'exportValue',
  'options',
  'textContent',
];

export function hiddenAnnotationIds(annotations: readonly unknown[]): Set<string> {
  const hidden = annotations.filter((annotation) => isUnseen(annotation as Annotation));
  return new Set(hidden.map((annotation) => String((annotation as Annotation).id)));
}

/** Notes, links and form fields of a page: text that stands beside what the page draws. */
export function annotationPieces(annotations: readonly unknown[], page: number, view: Box): ExtractedPiece[] {
  return annotations.flatMap((given) => {
    const annotation = given as Annotation;
    const isField = typeof annotation.fieldType === 'string';
    const names = isField ? [...fieldTexts, ...annotationTexts] : annotationTexts;
    const text = names.flatMap((name) => stringsOf(annotation[name], 0)).join('\n');
    if (text.trim() === '') return [];
    const kind = isField ? 'form' : 'annotation';
    return [
      {
        page,
        layer: isUnseen(annotation) || isOutside(annotation, view) ? (`hidden:${kind}` as const) : kind,
        text,
      },
    ];
  });
}

function isUnseen({ annotationFlags, rect, hidden }: Annotation): boolean {
  if (hidden === true) return true;
  if (typeof annotationFlags === 'number' && (annotationFlags & UNSEEN) !== 0) return true;
  if (!Array.isArray(rect)) return false;
  const [left, bottom, right, top] = rect as number[];
  return left === right || bottom === top;
}

function isOutside({ rect }: Annotation, view: Box): boolean {
  if (!Array.isArray(rect) || rect.length !== 4) return false;
  const [x1, y1, x2, y2] = rect as [number, number, number, number];
  const box = {
    left: Math.min(x1, x2),
    right: Math.max(x1, x2),
    bottom: Math.min(y1, y2),
    top: Math.max(y1, y2),
  };
  return areApart(box, view);
}

const DEPTH_MAX = 6;

/** Strings of a value, however the parser nests them (rich text is a tree, options are pairs). */
function stringsOf(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value];
  if (depth > DEPTH_MAX || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => stringsOf(item, depth + 1));
  return Object.entries(value)
    .filter(([key]) => ['str', 'value', 'children', 'name', 'displayValue', 'exportValue'].includes(key))
    .flatMap(([, item]) => stringsOf(item, depth + 1));
}
