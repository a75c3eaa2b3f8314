import type { Extraction, ExtractionLimits } from './extraction.ts';

export type Reader = (bytes: Uint8Array, limits: ExtractionLimits) => Extraction | Promise<Extraction>;

const plain = async (): Promise<Reader> => {
  const { readPlainText } = await import('./plain-text.ts');
  return (bytes, { charactersMax }) => readPlainText(bytes, charactersMax);
};
const picture =
  (mediaType: string): (() => Promise<Reader>) =>
  async () => {
    const { readPicture } = await import('./picture.ts');
    return (bytes) => readPicture(mediaType, bytes);
  };

/**
 * Every kind of document that is read, by media type. A reader is loaded when the first document of its
 * kind comes, and only in the child process: the gateway itself parses nothing but plain text.
 */
const readers: Readonly<Record<string, () => Promise<Reader>>> = {
  'application/pdf': async () => (await import('./pdf.ts')).readPdf,
  'application/json': plain,
  'application/vnd.ms-outlook': async () => (await import('./mail/msg.ts')).readMsg,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': async () =>
    (await import('./office/xlsx.ts')).readXlsx,
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': async () =>
    (await import('./office/docx.ts')).readDocx,
  'application/xhtml+xml': async () => (await import('./markup/html.ts')).readHtml,
  'image/gif': picture('image/gif'),
  'image/jpeg': picture('image/jpeg'),
  'image/png': picture('image/png'),
  'image/webp': picture('image/webp'),
  'message/rfc822': async () => (await import('./mail/eml.ts')).readEml,
  'text/csv': plain,
  'text/html': async () => (await import('./markup/html.ts')).readHtml,
  'text/markdown': plain,
  'text/plain': plain,
};

/** Kinds that are nothing but characters: they need no parser. */
const plainKinds: ReadonlySet<string> = new Set(
  Object.entries(readers).flatMap(([kind, load]) => (load === plain ? [kind] : [])),
);

/** @returns the media type without its parameters, in lower case */
export function bareMediaType(mediaType: string): string {
  return mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

export function isPlain(kind: string): boolean {
  return plainKinds.has(kind);
}

export function isSupported(kind: string): boolean {
  return Object.hasOwn(readers, kind);
}

/** @returns null when nothing reads this kind */
export async function readerOf(kind: string): Promise<Reader | null> {
  return isSupported(kind) ? ((await readers[kind]?.()) ?? null) : null;
}
