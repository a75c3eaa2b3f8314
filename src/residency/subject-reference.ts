import { decodeProtectedHeader } from 'jose';
import { type SignatureProblem, type TrustedSigner, createSignatureCheck } from './signature.ts';

/** What a bank's own customer system says about one subject of a request. */
export interface SubjectReference {
  /** Configured id of the system that signed it. */
  readonly source: string;
  readonly subject: string;
  readonly jurisdiction: string;
  /** The least class that data of the subject has; null where it does not say. */
  readonly dataClass: string | null;
}

export type ReferenceVerdict =
  | { readonly kind: 'pass'; readonly references: readonly SubjectReference[] }
  | { readonly kind: 'refuse'; readonly problem: SignatureProblem | 'too-many' };

export interface ReferenceReader {
  /**
   * @param header the value of countersign-subject-reference: one compact JWS, or several with commas between
   * @param tenant of the caller; a system speaks for the tenants it is configured for
   */
  read(header: string, tenant: string): Promise<ReferenceVerdict>;
}

/** Explicit typing keeps a token for something else from passing as a reference (RFC 8725, section 3.11). */
export const referenceType = 'countersign-subject+jwt';
const referencesMax = 8;

const subjectForm = /^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/;

/** @param nowMs epoch milliseconds */
export function createReferenceReader(
  sources: readonly TrustedSigner[],
  nowMs: () => number,
): ReferenceReader {
  const check = createSignatureCheck(sources, nowMs);

  const readOne = async (compact: string, tenant: string): Promise<SubjectReference | SignatureProblem> => {
    if (typeOf(compact) !== referenceType) return 'type';
    const checked = await check(compact);
    if (checked.kind === 'refuse') return checked.problem;
    const { signer, claims } = checked;
    const { sub, jurisdiction, dataClass = null } = claims;
    if (!signer.tenants.includes(tenant)) return 'claims';
    if (typeof sub !== 'string' || !subjectForm.test(sub)) return 'claims';
    if (typeof jurisdiction !== 'string') return 'claims';
    if (dataClass !== null && typeof dataClass !== 'string') return 'claims';
    return { source: signer.id, subject: sub, jurisdiction, dataClass };
  };

  return {
    read: async (header, tenant) => {
      const parts = header.split(',').map((part) => part.trim());
      if (parts.length > referencesMax) return { kind: 'refuse', problem: 'too-many' };
      const references: SubjectReference[] = [];
      for (const part of parts) {
        const reference = await readOne(part, tenant);
        if (typeof reference === 'string') return { kind: 'refuse', problem: reference };
        references.push(reference);
      }
      return { kind: 'pass', references };
    },
  };
}

function typeOf(compact: string): string | undefined {
  try {
    return decodeProtectedHeader(compact).typ?.toLowerCase();
  } catch (error) {
    // What has no header has no type.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/**
 * Whose secret the record is sealed under: that of the one subject. Data of several subjects hangs on no one
 * person's secret, so it gets one of its own, as where no subject is named.
 */
export function oneSubject(references: readonly SubjectReference[]): string | null {
  const [first, ...others] = references;
  // Two systems may call two persons by one name.
  const isSame = ({ source, subject }: SubjectReference) =>
    source === first?.source && subject === first.subject;
  return first !== undefined && others.every(isSame) ? first.subject : null;
}
