import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync, zipSync } from 'fflate';
import type { TestGateway } from './gateway.ts';
import { parseObject } from './gateway.ts';

const verifier = join(import.meta.dirname, '../../verifier');

/** Files of an unpacked bundle by path. */
export type Files = Readonly<Record<string, Buffer>>;

export function unpack(zip: Uint8Array): Files {
  return Object.fromEntries(
    Object.entries(unzipSync(zip)).map(([path, bytes]) => [path, Buffer.from(bytes)]),
  );
}

export function jsonFile<T>(files: Files, path: string): T {
  return JSON.parse(files[path]?.toString('utf8') ?? 'null') as T;
}

/** The bundle with one byte changed in one of its files, and a zip that is in order again. */
export function withFlippedByte(files: Files, path: string): Buffer {
  const changed = Object.entries(files).map(([name, bytes]) => {
    if (name !== path) return [name, bytes] as const;
    const copy = Buffer.from(bytes);
    const at = Math.floor(copy.length / 2);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return [name, copy] as const;
  });
  return Buffer.from(zipSync(Object.fromEntries(changed)));
}

export interface Check {
  readonly exitCode: number;
  readonly result: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** The auditor's own program, as a program: it shares no code with the gateway. */
export async function verifyBundle(zip: Uint8Array, keys: readonly string[]): Promise<Check> {
  return withFiles([zip], async ([file = '']) => {
    const program = join(verifier, 'bin/countersign-verify.mjs');
    const args = [program, 'evidence', file, '--json', ...keys.flatMap((key) => ['--key', key])];
    const run = promisify(execFile)(process.execPath, args);
    const { stdout, stderr, exitCode } = await run.then(
      (output) => ({ ...output, exitCode: 0 }),
      (error: { code: number; stdout: string; stderr: string }) => ({ ...error, exitCode: error.code }),
    );
    return { exitCode, result: parseObject(stdout), text: stdout + stderr };
  });
}

/** The same check of many bundles by one process of its own: the problem of each, null where it holds. */
export async function verifyBundles(
  zips: readonly Uint8Array[],
  keys: readonly string[],
): Promise<readonly ({ readonly code: string; readonly path?: string } | null)[]> {
  const script = `
    import { readFileSync } from 'node:fs';
    const { checkEvidence, makePolicy, parseVerifierKey } = await import(process.argv[1]);
    const [keys, files] = JSON.parse(process.argv[2]);
    const policy = makePolicy(keys.map(parseVerifierKey));
    const verdicts = [];
    for (const file of files) verdicts.push((await checkEvidence(readFileSync(file), policy)).problem);
    console.log(JSON.stringify(verdicts));`;
  return withFiles(zips, async (files) => {
    const args = [
      '--input-type=module',
      '-e',
      script,
      join(verifier, 'index.mjs'),
      JSON.stringify([keys, files]),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout) as Awaited<ReturnType<typeof verifyBundles>>;
  });
}

async function withFiles<T>(zips: readonly Uint8Array[], use: (files: string[]) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bundle-'));
  try {
    const files = zips.map((_zip, i) => join(folder, `${i}.zip`));
    await Promise.all(zips.map((zip, i) => writeFile(files[i] ?? '', zip)));
    return await use(files);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The verifier keys of the EU cell's logs, got from its published address and not from a bundle. */
export async function logKeys(gateway: TestGateway): Promise<string[]> {
  const ledger = gateway.rooms.cells.get('eu')?.ledger;
  const period = await ledger?.currentPeriod();
  const { text } = await gateway.get(`/ledger/eu/${period}/log.vkey`);
  return [text.trim()];
}

/** An endpoint that answers what the request asks it to between two signs, and passes everything else on. */
export async function startParrot(
  behind: () => string,
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const said = /PARROT\((.*?)\)/.exec(body.toString('utf8'))?.[1];
      const answer =
        said === undefined ? passOn(behind() + (request.url ?? ''), body) : Promise.resolve(spoken(said));
      void answer.then(
        (text) => response.setHeader('content-type', 'application/json').end(text),
        () => response.writeHead(502).end(),
      );
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function passOn(url: string, body: Buffer): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  return response.text();
}

function spoken(summary: string): string {
  const content = JSON.stringify({ recommendation: 'pay', confidence: 0.99, summary });
  const message = { role: 'assistant', content, refusal: null };
  return JSON.stringify({
    id: 'chatcmpl-parrot',
    object: 'chat.completion',
    created: 1,
    model: 'obedient-2026-11',
    choices: [{ index: 0, message, finish_reason: 'stop', logprobs: null }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
}
