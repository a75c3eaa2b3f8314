import type { TSchema } from 'typebox';
import type { SurfaceDocument, SurfaceKind } from '../../decision/surface.ts';
import type { Caller } from '../caller.ts';
import type { RequestClaims, Submission } from '../submission.ts';

/** A request as the server hands it to a model route: parsed, matching the route's schema. */
export interface ParsedRequest {
  readonly caller: Caller;
  readonly claims: RequestClaims;
  readonly body: unknown;
  readonly bodyText: string;
  /** Files of a multipart request. */
  readonly files: readonly SurfaceDocument[];
}

/**
 * A route that can lead to a model. It only translates: what it returns goes through the one
 * pipeline, so a new dialect cannot bring its own rules (I4). Every such route stands in
 * `inferenceRoutes`, from which the server registers them and the bypass test enumerates them.
 */
export interface InferenceRoute {
  readonly url: string;
  readonly summary: string;
  readonly dialect: Submission['dialect'];
  readonly bodySchema: TSchema;
  readonly acceptsMultipart: boolean;
  /**
   * One request for each place where outside text can enter this route. The bypass test puts the
   * same payload into all of them.
   */
  readonly places: readonly {
    readonly name: string;
    readonly surface: SurfaceKind;
    /** A body with the given text at this place. */
    readonly body: (text: string) => unknown;
    /** The place takes a PDF whose text is the payload; `text` is then its base64. */
    readonly takesPdf?: boolean;
  }[];
  toSubmission(request: ParsedRequest): Submission;
}
