import type { FastifyRequest } from 'fastify';
import { CountersignError } from '../decision/errors.ts';
import type { SurfaceDocument } from '../decision/surface.ts';
import { parseJsonBody } from './json-body.ts';

/** Field of a multipart request that holds the JSON body. */
const jsonField = 'request';

export interface MultipartBody {
  readonly text: string;
  readonly value: unknown;
  readonly files: readonly SurfaceDocument[];
}

/**
 * Reads a multipart request: one field `request` with the JSON body, and any number of files.
 * @param bytesMax of the whole body
 * @throws CountersignError REQUEST_INVALID when the field is missing or doubled, REQUEST_MALFORMED,
 * REQUEST_TOO_LARGE
 */
export async function readMultipart(request: FastifyRequest, bytesMax: number): Promise<MultipartBody> {
  if (Number(request.headers['content-length']) > bytesMax) throw new CountersignError('REQUEST_TOO_LARGE');
  try {
    return await readParts(request, bytesMax);
  } catch (error) {
    // The parser's own errors have no code: the body is cut, or has no boundary.
    if (error instanceof CountersignError || (error as NodeJS.ErrnoException).code !== undefined) throw error;
    throw new CountersignError('REQUEST_MALFORMED', {
      detail: 'The body is not well-formed multipart/form-data, or it ends too early.',
    });
  }
}

async function readParts(request: FastifyRequest, bytesMax: number): Promise<MultipartBody> {
  let body: { text: string; value: unknown } | null = null;
  const files: SurfaceDocument[] = [];
  let bytesRead = 0;
  for await (const part of request.parts()) {
    if (part.type === 'file') {
      const bytes = await part.toBuffer();
      // Chunked, a body tells no length before: the parts count.
      bytesRead += bytes.length;
      if (bytesRead > bytesMax) throw new CountersignError('REQUEST_TOO_LARGE');
      files.push({ origin: `/files/${files.length}`, mediaType: part.mimetype, bytes });
    } else if (part.fieldname === jsonField && body === null && typeof part.value === 'string') {
      body = parseJsonBody(Buffer.from(part.value));
    } else {
      throw new CountersignError('REQUEST_INVALID', {
        detail: `Send one field "${jsonField}", without a content type of its own, and files; nothing else.`,
      });
    }
  }
  if (body === null)
    throw new CountersignError('REQUEST_INVALID', { detail: `The field "${jsonField}" is missing.` });
  return { ...body, files };
}
