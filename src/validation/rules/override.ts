import { pattern, type Rule } from './rule.ts';

const raw = String.raw;

/** Instructions to set the instructions aside: the commonest attack, in the languages of our markets. */
export const overrideRules: readonly Rule[] = [
  {
    id: 'override-en',
    why: 'Tells the reader to set earlier instructions aside.',
    reason: 'INJECTION_SUSPECTED',
    cues: [
      'ignor',
      'disregard',
      'forget',
      'overrid',
      'overrul',
      'bypass',
      'overlook',
      'skip',
      'discard',
      'neglect',
    ],
    pattern: pattern(
      raw`\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|overrule|bypass(?:ing)?|overlook|skip|discard|neglect)`,
      raw`(?:\s{1,4}(?:all|any|of|the|your|these|those|this|every|everything|each|please|about|completely|entirely|and|following)){0,5}`,
      raw`\s{1,4}(?:previous|prior|above|earlier|preceding|foregoing|existing|initial|original|system|former|past|safety|current)(?:ly)?`,
      raw`(?:\s{1,4}(?:given|system|safety|security|ai|model|developer|set|provided|stated)){0,2}`,
      raw`\s{1,4}(?:instructions?|prompts?|rules|guidelines|directions|directives|commands|constraints|programming|tasks?|training|guardrails|assignments?)\b`,
    ),
    score: 900,
  },
  {
    id: 'override-en-plain',
    why: 'Tells the reader to drop its instructions, without calling them earlier ones.',
    reason: 'INJECTION_SUSPECTED',
    cues: ['ignor', 'disregard', 'forget', 'overrid', 'discard'],
    pattern: pattern(
      raw`\b(?:ignore|disregard|forget|override|discard)\s{1,4}(?:`,
      raw`(?:all|any|all\s{1,4}of|every(?:\s{1,4}one\s{1,4}of)?)\s{1,4}(?:(?:the|your|these|those|my)\s{1,4}){0,2}(?:previous\s{1,4})?(?:instructions|prompts|rules|guidelines|directives)\b`,
      raw`|your\s{1,4}(?:instructions|prompt|rules|guidelines|directives|programming|training|guardrails|orders)\b`,
      raw`|(?:the\s{1,4})?(?:instructions?|prompts?|rules|guidelines|directives|text|everything)\s{1,4}(?:above|before\s{1,4}this|that\s{1,4}came\s{1,4}before|you\s{1,4}(?:were|have\s{1,4}been)\s{1,4}(?:given|told))`,
      raw`|(?:everything|all|anything|whatever)\s{1,4}(?:you\s{1,4}(?:know|were|have|had|ve|learned)|(?:i|we)(?:'ve)?\s{1,4}(?:said|told|discussed|talked)|said\s{1,4}before|that\s{1,4}(?:was|has\s{1,4}been)\s{1,4}said|above|before)|everything\s{0,3}[,.!;:]`,
      raw`|the\s{1,4}above\s{1,4}(?:and|instructions?|prompt|rules))`,
    ),
    score: 850,
  },
  {
    id: 'override-de',
    why: 'The same in German.',
    reason: 'INJECTION_SUSPECTED',
    cues: ['ignor', 'vergiss', 'vergessen', 'missacht', 'igno', 'ubergeh'],
    pattern: pattern(
      raw`\b(?:ignorier(?:e|en|t)?|vergiss|vergessen|missachte[nt]?|ubergehe?n?)`,
      raw`(?:\s{1,4}(?:sie|bitte|einfach|alle|alles|aller|die|deine|ihre|samtliche|nun|jetzt|diese|was|zuvor|bisher)){0,5}`,
      raw`\s{1,4}(?:(?:vorherig|bisherig|obig|vorangegangen|vorangehend|fruher|ursprunglich|vorig|vorstehend|bestehend)e?[nr]?\s{1,4}){0,1}`,
      raw`(?:anweisungen|instruktionen|befehle|vorgaben|aufgaben|prompts?|systemprompt|regeln|anordnungen|auftrage)\b`,
    ),
    score: 900,
  },
  {
    id: 'override-fr',
    why: 'The same in French.',
    reason: 'INJECTION_SUSPECTED',
    cues: ['ignor', 'oubli', 'compte', 'fais abstraction'],
    pattern: pattern(
      raw`\b(?:ignore[rz]?|oublie[rz]?|ne\s{1,4}(?:tiens|tenez|tenir)\s{1,4}(?:pas|aucun)\s{1,4}compte|fais\s{1,4}abstraction)`,
      raw`(?:\s{1,4}(?:toutes?|tous|tout|les|vos|tes|des|de|ces|la|le|s'il|vous|plait)){0,4}`,
      raw`\s{1,4}(?:precedentes\s{1,4}|anciennes\s{1,4})?(?:instructions|consignes|directives|regles|ordres|invites?)\b`,
      raw`(?=\s{1,4}(?:precedent|anterieur|ci-dessus|initial|d'origine|donnees|recues|du\s{1,4}systeme|systeme|et)|[.,!;:]|\s{0,4}$)`,
    ),
    score: 900,
  },
  {
    id: 'override-es-pt',
    why: 'The same in Spanish and Portuguese.',
    reason: 'INJECTION_SUSPECTED',
    cues: ['ignor', 'olvid', 'esquec', 'descart', 'desconsider', 'omit'],
    pattern: pattern(
      raw`\b(?:ignor[ae]r?[dn]?|olvid[ae]r?[dn]?|esquec[ae]r?m?|desconsider[ae]r?m?|descart[ae]r?|omit[ae]r?n?)`,
      raw`(?:\s{1,4}(?:por|favor|tod[ao]s|tudo|las?|los?|as?|os?|tus|sus|suas|seus|tuas|de|que)){0,5}`,
      raw`\s{1,4}(?:(?:anteriores|previas)\s{1,4})?(?:instrucciones|instrucoes|indicaciones|ordenes|ordens|reglas|regras|directrices|diretrizes)\b`,
    ),
    score: 900,
  },
  {
    id: 'override-it',
    why: 'The same in Italian.',
    reason: 'INJECTION_SUSPECTED',
    cues: ['ignor', 'dimentic', 'trascur', 'non tener'],
    pattern: pattern(
      raw`\b(?:ignor(?:a|ate|are|i|ino)|dimentic(?:a|ate|are|hi)|trascur(?:a|ate|are)|non\s{1,4}tener(?:e)?\s{1,4}conto)`,
      raw`(?:\s{1,4}(?:tutt[eio]|le|tue|vostre|sue|delle|per|favore|di|quest[ei])){0,4}`,
      raw`\s{1,4}(?:precedenti\s{1,4})?(?:istruzioni|regole|direttive|indicazioni|comandi)\b`,
    ),
    score: 900,
  },
  {
    id: 'override-nl',
    why: 'The same in Dutch.',
    reason: 'INJECTION_SUSPECTED',
    cues: ['negeer', 'negeren', 'vergeet'],
    pattern: pattern(
      raw`\b(?:negeer|negeren|vergeet)(?:\s{1,4}(?:alle|alles|de|je|uw|jouw|alsjeblieft|deze|eerst)){0,4}`,
      raw`\s{1,4}(?:(?:vorige|eerdere|bovenstaande|voorgaande|voorafgaande|bestaande)\s{1,4})?(?:instructies|opdrachten|aanwijzingen|regels|richtlijnen|prompts?)\b`,
    ),
    score: 900,
  },
  {
    id: 'new-task',
    why: 'Gives the reader another task than the one it has.',
    reason: 'INJECTION_SUSPECTED',
    cues: [
      'your new',
      'your real',
      'your actual',
      'your true',
      'your only',
      'new instruction',
      'from now on',
    ],
    pattern: pattern(
      raw`\byour\s{1,4}(?:new|real|actual|true|only)\s{1,4}(?:task|instructions?|objective|goal|mission|purpose|prompt)\s{1,4}(?:is|are|will\s{1,4}be)\b`,
      raw`|\bfrom\s{1,4}now\s{1,4}on,?\s{1,4}(?:you\s{1,4}(?:will|must|are|shall|should)\s{1,4}(?:to\s{1,4})?(?:act|respond|reply|answer|ignore|approve|pretend|behave|only|always|never|treat|obey)|(?:always\s{1,4})?(?:respond|answer|act|ignore|treat|approve))\b`,
      raw`|\b(?:follow|obey|execute)\s{1,4}(?:only\s{1,4})?(?:these|the\s{1,4}following|my)\s{1,4}new\s{1,4}(?:instructions|rules|directives)\b`,
    ),
    score: 700,
  },
];
