import { caseworkCarriers } from '../carriers/casework.ts';
import { coreCarriers } from '../carriers/core.ts';
import { desktopCarriers } from '../carriers/desktop.ts';
import { generalCarriers } from '../carriers/general.ts';
import { passageCarriers } from '../carriers/passages.ts';
import { toolCarriers } from '../carriers/tools.ts';
import { chatAttackLists, chatAttacks } from '../chat/attacks.ts';
import { chatHonest } from '../chat/honest.ts';
import { honestInstructions } from '../honest/instructions.ts';
import { honestMentions } from '../honest/mentions.ts';
import { actionPayloads } from '../payloads/action.ts';
import { formPayloads } from '../payloads/form.ts';
import { englishClosings, englishLists, englishOpenings } from '../payloads/lists.ts';
import { outcomePayloads } from '../payloads/outcome.ts';
import type { Families, Language } from '../row.ts';

/** Of the families for third-party texts, those that a person could type to the assistant as well. */
const typed = ['false_authority', 'tool_abuse', 'exfiltration', 'prompt_extraction', 'persistence', 'denial'];
const typedForms = ['delimiter_confusion', 'fake_tool_output', 'format_hijack', 'multi_turn'];

function only(families: Families, names: readonly string[]): Families {
  return Object.fromEntries(Object.entries(families).filter(([name]) => names.includes(name)));
}

export const english: Language = {
  code: 'en',
  weight: 60,
  carriers: [
    ...coreCarriers,
    ...caseworkCarriers,
    ...passageCarriers,
    ...toolCarriers,
    ...desktopCarriers,
    ...generalCarriers,
  ],
  openings: englishOpenings,
  closings: englishClosings,
  payloads: { ...outcomePayloads, ...actionPayloads, ...formPayloads },
  honest: { ...honestInstructions, ...honestMentions },
  chatAttacks: {
    ...only({ ...outcomePayloads, ...actionPayloads }, [...typed, 'threat_urgency']),
    ...only(formPayloads, typedForms),
    ...chatAttacks,
  },
  chatHonest: { ...chatHonest, to_customer: honestInstructions['to_customer'] ?? [] },
  lists: { ...englishLists, ...chatAttackLists },
};
