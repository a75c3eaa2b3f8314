import type { SurfaceKind, SurfaceText } from '../decision/surface.ts';

/**
 * Every string of a JSON value, keys included, with its place. All of them are inspected, whatever
 * field they stand in: a list of "fields with text" is how gateways miss tool schemas and earlier
 * messages.
 */
export function textsOf(
  value: unknown,
  pointer: string,
  surface: SurfaceKind,
  skip: ReadonlySet<string> = new Set(),
): SurfaceText[] {
  const texts: SurfaceText[] = [];
  const keys: string[] = [];
  collect(value, pointer, { surface, skip, texts, keys });
  // Keys that are not ours are outside text too; together, since each alone is short.
  if (keys.length > 0) texts.push({ surface, origin: `${pointer}/~keys`, text: keys.join('\n') });
  return texts;
}

/**
 * Field names that may stand in a pointer, and so in a plain header. Any other key is named by its
 * position: callers key objects by account numbers and by people's names (I8).
 */
const plainNames = new Set(
  (
    'messages role content name text type refusal tool_calls tool_call_id function arguments id tools description ' +
    'parameters properties items required enum anyOf response_format json_schema schema stop tool_choice file ' +
    'file_data filename note notes comment comments message subject body title summary reason purpose details'
  ).split(' '),
);

interface Collection {
  readonly surface: SurfaceKind;
  readonly skip: ReadonlySet<string>;
  readonly texts: SurfaceText[];
  readonly keys: string[];
}

function collect(value: unknown, pointer: string, into: Collection, under?: string): void {
  if (typeof value === 'string') {
    const { surface, skip, texts } = into;
    const named = under === undefined ? {} : { key: under };
    if (value !== '' && !skip.has(pointer)) texts.push({ surface, origin: pointer, text: value, ...named });
  } else if (Array.isArray(value)) {
    value.forEach((item, i) => collect(item, `${pointer}/${i}`, into, under));
  } else if (typeof value === 'object' && value !== null) {
    Object.entries(value).forEach(([key, item], i) => {
      if (!plainNames.has(key)) into.keys.push(key);
      collect(item, `${pointer}/${stepOf(key, i)}`, into, key);
    });
  }
}

/** The same value with the string at every place that is named there changed; keys stay as they are. */
export function withTexts(
  value: unknown,
  pointer: string,
  changes: ReadonlyMap<string, (text: string) => string>,
): unknown {
  if (typeof value === 'string') return changes.get(pointer)?.(value) ?? value;
  if (Array.isArray(value)) return value.map((item, i) => withTexts(item, `${pointer}/${i}`, changes));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item], i) => [
      key,
      withTexts(item, `${pointer}/${stepOf(key, i)}`, changes),
    ]),
  );
}

/** The step of a pointer under which an entry of an object stands. */
function stepOf(key: string, i: number): string {
  return plainNames.has(key) ? key : `~${i}`;
}
