import { order, pattern, type Rule } from './rule.ts';

const raw = String.raw;

/** Text that wants something out, or a tool to be used for it. */
export const exfiltrationRules: readonly Rule[] = [
  {
    id: 'prompt-leak',
    why: 'Asks for the instructions of the model.',
    reason: 'INJECTION_SUSPECTED',
    cues: ['prompt', 'instruction', 'above', 'rules', 'guidelines'],
    pattern: pattern(
      raw`\b(?:reveal|show|print|repeat|output|display|tell|give|share|disclose|leak|dump|write|summari[sz]e|translate|spell|recite|quote|what(?:'s|\s{1,3}(?:is|are|was|were)))`,
      raw`(?:\s{1,3}(?:me|us|out|down|back|all|of|the|to|exactly|verbatim|full|entire|complete|about|every|word|in|your|my|i|with)){0,7}`,
      raw`\s{1,3}(?:(?:your|hidden|secret)\s{1,3}(?:(?:initial|original|hidden|secret|full|exact|internal|system|first|entire|complete|previous|core)\s{1,3}){0,2}(?:prompts?(?:\s{1,3}texts?)?|instructions?|directives|guidelines)|(?:system|initial|developer|original)\s{0,1}-?\s?(?:prompt|instructions|message))\b`,
      raw`|\b(?:repeat|print|output|write|copy|recite)\s{1,3}(?:out\s{1,3})?(?:(?:the|all|everything|every|of|words?|text|content|sentences?|that\s{1,3}is|is)\s{1,3}){1,5}above\b`,
    ),
    score: 850,
  },
  {
    id: 'prompt-leak-intl',
    why: 'The same in German, French, Spanish, Italian, Dutch and Portuguese.',
    reason: 'INJECTION_SUSPECTED',
    cues: [
      'prompt',
      'anweisung',
      'instruktion',
      'instruc',
      'consignes',
      'istruzioni',
      'instructies',
      'instruction',
    ],
    pattern: pattern(
      raw`\b(?:zeig[e]?|nenn[e]?|verrate|gib|schreib[e]?|wiederhol[e]?)\s{1,3}(?:(?:mir|uns|alle|bitte|nun)\s{1,3}){0,3}(?:deine[n]?|ihre[n]?|den|alle)\s{1,3}(?:\w{1,20}\s{1,3})?(?:system-?\s?prompts?|prompt(?:-?texte?)?s?|anweisungen|instruktionen)\b`,
      raw`|\b(?:montre|affiche|revele|donne|repete)z?(?:-moi)?\s{1,3}(?:(?:moi|toutes?|l'|le|la|les)\s{1,3}){0,2}(?:ton|votre|tes|vos)\s{1,3}(?:prompt|invite|instructions|consignes)`,
      raw`|\b(?:muestra(?:me)?|revela(?:me)?|mostre(?:-me)?|mostra(?:mi)?|rivela(?:mi)?|dime|diga(?:-me)?|dimmi)\s{1,3}(?:(?:me|todas?|las|as|le|il|o|el)\s{1,3}){0,2}(?:tus?|sus?|seu|suas|tuas?|tuo|tue)\s{1,3}(?:prompt|instrucciones|instrucoes|istruzioni)`,
      raw`|\b(?:toon|laat)\s{1,3}(?:(?:me|mij|alle)\s{1,3}){0,2}(?:je|jouw|uw)\s{1,3}(?:\w{1,20}\s{1,3})?(?:prompt|instructies|systeemprompt)`,
    ),
    score: 850,
  },
  {
    id: 'send-away',
    why: 'Orders data to be sent to an outside address.',
    reason: 'INJECTION_SUSPECTED',
    cues: ['http://', 'https://', 'www.', 'webhook', 'ftp://', '@'],
    pattern: pattern(
      order,
      raw`(?:send|post|forward|upload|transmit|exfiltrate|e-?mail|submit|copy|leak)\s{1,3}(?:[^.!?\n]{0,40}\b)?`,
      raw`(?:conversation|chat\s{1,3}history|customers?'?s?\s{1,3}(?:data|details|records|information|names?)|all\s{1,3}(?:\w{1,20}\s{1,3})?(?:data|records|information|transactions|details)|credentials|api\s{1,3}keys?|passwords?|secrets?|tokens?|user\s{1,3}data|(?:above|previous)\s{1,3}(?:text|content|messages?)|system\s{1,3}prompt)\b`,
      raw`[^!?\n]{0,60}?\s(?:to|at)\s{1,3}(?:[^!?\n]{0,30}?)(?:https?://|ftp://|www\.|webhook|[\w.+-]{1,40}@)`,
    ),
    score: 800,
  },
  {
    id: 'link-carries-data',
    why: 'An image or link that would carry data out when it is rendered.',
    reason: 'INJECTION_SUSPECTED',
    cues: ['](http'],
    pattern: pattern(raw`\]\(https?://[^)\s]{1,200}[?&#][^)\s]{0,100}(?:\{|\$|<|\[|%7b)[^)\s]{0,100}`),
    score: 750,
  },
  {
    id: 'tool-order',
    why: 'Orders a tool or function to be called.',
    reason: 'INJECTION_SUSPECTED',
    cues: ['tool', 'function', 'plugin', '()', '_call'],
    pattern: pattern(
      order,
      raw`(?:call|invoke|execute|run|trigger|use)\s{1,3}(?:the\s{1,3}|your\s{1,3}|a\s{1,3})?["'\x60]?(?:[a-z]\w{1,60}["'\x60]?\s{1,3}(?:tool|function|plugin)\b|[a-z]\w{0,40}[_.]\w{1,40}["'\x60]?\s{0,2}\()`,
      raw`|<(?:tool_call|function_call|tool_use)>|"(?:tool_calls|function_call)"\s{0,3}:`,
    ),
    score: 650,
    surfaces: ['document', 'retrieved', 'tool_result'],
  },
];
