import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getDocument, VerbosityLevel } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { PDFDocumentLoadingTask } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** A sheet of A4 at 400 dots per inch; what is larger is not decoded, and counts as not painted. */
const IMAGE_PIXELS_MAX = 16_000_000;

/**
 * Opens a PDF. Nothing is fetched or run; fonts of the system are not used, so that a page looks the same
 * on every machine.
 *
 * @param options.draws whether pages will be drawn: then the decoders of pictures are loaded, too
 */
export function openPdf(bytes: Uint8Array, { draws }: { draws: boolean }): PDFDocumentLoadingTask {
  const root = dirname(
    dirname(dirname(fileURLToPath(import.meta.resolve('pdfjs-dist/legacy/build/pdf.mjs')))),
  );
  return getDocument({
    // A copy: the parser takes its bytes over, and takes no Buffer.
    data: new Uint8Array(bytes),
    cMapUrl: join(root, 'cmaps/'),
    standardFontDataUrl: join(root, 'standard_fonts/'),
    wasmUrl: join(root, 'wasm/'),
    disableFontFace: true,
    disableAutoFetch: true,
    disableStream: true,
    disableRange: true,
    useSystemFonts: false,
    useWorkerFetch: false,
    useWasm: draws,
    isOffscreenCanvasSupported: false,
    isImageDecoderSupported: false,
    enableXfa: false,
    stopAtErrors: false,
    maxImageSize: IMAGE_PIXELS_MAX,
    verbosity: VerbosityLevel.ERRORS,
  });
}
