import type { EvidencePorts, OwnTexts, ReadTexts } from '../audit/evidence/ports.ts';
import type { RecordedInput } from '../audit/payload-content.ts';
import { RecordAlteredError } from '../audit/repository.ts';
import { digestOf } from '../decision/canonical.ts';
import { readChatAnswer } from '../models/openai/chat.ts';
import { findParts } from '../release/repository.ts';
import type { Store } from '../storage/store.ts';
import type { ValidationGate } from '../validation/gate.ts';
import type { OutputFilter } from '../validation/output-filter.ts';
import { resubmit } from './replay/resubmit.ts';

/** The gates that an export reads documents and masks texts with: those of today. */
export interface ExportGates {
  readonly validation: ValidationGate;
  readonly outputFilter: OutputFilter;
}

const masking = { personalData: 'mask', secrets: 'mask' } as const;

/** What the audit gate must be told about contents that other gates understand. */
export function evidencePorts(store: Store, { validation, outputFilter }: ExportGates): EvidencePorts {
  const options = ({ texts, canaries }: OwnTexts) => ({ ownTexts: texts, canaries, actions: masking });
  return {
    textsOf: (input) => readTexts(validation, input),
    answerOf: (raw) => readChatAnswer(raw),
    maskText(text, own) {
      const { verdict, text: masked } = outputFilter.filterText({ text, ...options(own) });
      return verdict.kind === 'pass' ? masked : null;
    },
    maskValue(value, own) {
      const { verdict, value: masked } = outputFilter.filterValue({ value, ...options(own) });
      return verdict.kind === 'pass' ? masked : undefined;
    },
    async part(digest) {
      const bytes = (await findParts(store, [digest])).get(digest)?.bytes;
      if (bytes && digestOf(bytes) !== digest) {
        throw new RecordAlteredError(`the release part ${digest} is not what its digest says`);
      }
      return bytes ?? null;
    },
  };
}

/** The request's texts as they were translated on the day, and those of its documents, read again. */
async function readTexts(validation: ValidationGate, input: RecordedInput): Promise<ReadTexts> {
  const { texts, documents } = resubmit(input, '', null);
  const { operatorScores } = input;
  const inspection = await validation.inspect({ texts, documents, operatorScores });
  return { texts: inspection.texts, surfacesDigest: inspection.inspected?.surfacesDigest ?? null };
}
