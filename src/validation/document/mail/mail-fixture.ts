import { burn, type Entry } from '@kenjiuno/msgreader/lib/Burner.js';
import { TypeEnum } from '@kenjiuno/msgreader/lib/Reader.js';

const head =
  'From: Jane Doe <jane@example.com>\r\nTo: claims@example.com\r\nSubject: Claim 4711\r\nMIME-Version: 1.0\r\n';

/** A message with one body. */
export function makeEml(type: string, body: string, headers = ''): Uint8Array {
  return Buffer.from(`${head}${headers}Content-Type: ${type}; charset=utf-8\r\n\r\n${body}`);
}

export interface TestPart {
  readonly type: string;
  readonly body: string;
  readonly headers?: string;
}

/** A message of several parts. */
export function makeMultipart(
  kind: string,
  parts: readonly TestPart[],
  preamble = '',
  epilogue = '',
): Uint8Array {
  const all = parts.map(
    ({ type, body, headers = '' }) =>
      `--b1\r\n${headers}Content-Type: ${type}; charset=utf-8\r\n\r\n${body}\r\n`,
  );
  return Buffer.from(
    `${head}Content-Type: multipart/${kind}; boundary="b1"\r\n\r\n${preamble}\r\n${all.join('')}--b1--\r\n${epilogue}`,
  );
}

export function makeAlternative(plain: string, page: string): Uint8Array {
  return makeMultipart('alternative', [
    { type: 'text/plain', body: plain },
    { type: 'text/html', body: page },
  ]);
}

/** Streams by name, storages by name with their own. */
export interface TestStorage {
  readonly [name: string]: Uint8Array | TestStorage;
}

/** A compound file of the streams that are given. */
export function makeCompoundFile(root: TestStorage): Uint8Array {
  const entries: Entry[] = [{ name: 'Root Entry', type: TypeEnum.ROOT, length: 0, children: [] }];
  const add = (storage: TestStorage, into: number) => {
    for (const [name, content] of Object.entries(storage)) {
      const index = entries.length;
      entries[into]?.children?.push(index);
      if (content instanceof Uint8Array) {
        entries.push({
          name,
          type: TypeEnum.DOCUMENT,
          length: content.length,
          binaryProvider: () => content,
        });
      } else {
        entries.push({ name, type: TypeEnum.DIRECTORY, length: 0, children: [] });
        add(content, index);
      }
    }
  };
  add(root, 0);
  return burn(entries);
}

/** Properties of a message by tag and type. */
export function messageStreams(properties: Readonly<Record<string, string | Uint8Array>>): TestStorage {
  const streams = Object.entries(properties).map(([tag, value]) => [
    `__substg1.0_${tag}${typeof value === 'string' ? '001F' : '0102'}`,
    typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'utf16le')) : value,
  ]);
  return { '__properties_version1.0': new Uint8Array(32), ...Object.fromEntries(streams) };
}

/** RTF in the envelope of [MS-OXRTFCP], not compressed. */
export function envelopedRtf(rtf: string): Uint8Array {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(rtf.length + 12, 0);
  header.writeUInt32LE(rtf.length, 4);
  header.write('MELA', 8, 'latin1');
  return new Uint8Array(Buffer.concat([header, Buffer.from(rtf, 'latin1')]));
}
