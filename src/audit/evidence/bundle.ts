import { digestOf } from '../../decision/canonical.ts';
import type { CaseFile } from './case-file.ts';
import { proofFiles, textFile, writeManifest } from './manifest.ts';
import type { EvidencePorts, Proofs, ReadTexts } from './ports.ts';
import { findInput, ownTexts, redactCase } from './redaction.ts';
import { writeReport } from './report.ts';
import { type Telling, type Variant, tell } from './telling.ts';
import { verifyPage } from './verify-page.ts';
import { type BundleFile, zipFiles } from './zip.ts';

/** A bundle is made in memory; far above what a request of the usual limits can grow to. */
const bundleBytesMax = 512 * 1024 * 1024;

export class EvidenceTooLargeError extends Error {
  override name = 'EvidenceTooLargeError';
}

export interface BundleOptions {
  readonly variant: Variant;
  /** RFC 3339, UTC. */
  readonly exportedAt: string;
  /** Version of the gateway. */
  readonly exportedBy: string;
}

/**
 * The evidence of one decision as a zip (docs/formats/audit.md). The same case, proofs and options give
 * the same bytes.
 * @param file with everything that is recorded; the redacted variant takes away by itself
 * @throws EvidenceTooLargeError above `bundleBytesMax`
 */
export async function makeBundle(
  file: CaseFile,
  proofs: Proofs,
  ports: EvidencePorts,
  options: BundleOptions,
): Promise<Buffer> {
  const input = findInput(file.entries);
  const read = input === null ? { texts: [], surfacesDigest: null } : await ports.textsOf(input);
  const isRedacted = options.variant === 'redacted';
  const shownFile = isRedacted ? redactCase(file, read.texts, ports) : file;
  const shownTexts: ReadTexts = isRedacted
    ? { texts: ownTexts(read.texts, input), surfacesDigest: null }
    : read;
  const needed = onlyNeeded(shownFile, proofs);
  const telling = await tell(shownFile, shownTexts, needed, ports, options);
  return zipFiles(bundleFiles(telling));
}

/** A log that only left-out entries stand in has no place in the bundle. */
function onlyNeeded(file: CaseFile, proofs: Proofs): Proofs {
  const origins = new Set(file.entries.map(({ header }) => proofs.entries.get(header.entryId)?.origin));
  return { ...proofs, logs: proofs.logs.filter(({ origin }) => origins.has(origin)) };
}

function bundleFiles(telling: Telling): BundleFile[] {
  const files = [
    textFile('report.html', writeReport(telling)),
    textFile('VERIFY.md', verifyPage(telling)),
    ...proofFiles(telling),
  ];
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  if (bytes > bundleBytesMax) throw new EvidenceTooLargeError(`the bundle would have ${bytes} bytes`);
  const manifest = writeManifest(telling, files);
  const { first, variant, exportedAt, proofs } = telling;
  const signature = proofs.sign([`${first.decisionId} ${variant}`, digestOf(manifest), exportedAt]);
  return [textFile('manifest.json', manifest), textFile('manifest.sig', signature), ...files];
}
