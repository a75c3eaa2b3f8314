import { generateApplications } from '../../src/simulator/applications.ts';
import { Random } from '../../src/simulator/random.ts';
import { pdfOf, payloads } from './payloads.ts';

/** A request to one of the model routes, drawn from a seed. */
export interface RandomRequest {
  readonly path: '/v1/decisions' | '/v1/chat/completions';
  readonly decisionType: string;
  readonly jurisdiction: 'EU' | 'US';
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, or a form. */
  readonly body: string | FormData;
}

const openTypes = ['credit-application', 'claims-triage', 'chat-test'] as const;
const honest = [
  'The washing machine leaked on 3 October and the floor is damaged.',
  'Please see the invoice of €1,240.50; my IBAN is DE75512108001245126199.',
  'Ich habe den Schaden am 4. Oktober gemeldet. Überweisung bitte wie immer.',
  'A tree fell on the shed. No one was hurt. “Quotes”, dashes — and emoji 🏠.',
  'x'.repeat(5_000),
];
const attacks = Object.values(payloads);
const honestPdf = pdfOf(honest[0] ?? '', 'visible');
const hiddenPdf = pdfOf(payloads.plain, 'hidden');
const brokenPdf = Buffer.from('%PDF-1.7 nothing follows').toString('base64');

/** The first `count` requests of a seed: all types, routes, surfaces, labels, and attacks among them. */
export function randomRequests(options: { seed: number; count: number }): RandomRequest[] {
  const random = new Random(options.seed);
  const applications = generateApplications(options);
  return applications.map(({ application }, i) => draw(random, application, i));
}

function draw(random: Random, application: object, i: number): RandomRequest {
  const decisionType = random.next() < 0.04 ? 'nowhere' : random.pick([...openTypes]);
  const common = {
    decisionType,
    jurisdiction: random.next() < 0.75 ? ('EU' as const) : ('US' as const),
    headers: {
      ...(random.next() < 0.3 ? { 'countersign-data-class': 'special-category' } : {}),
      ...(random.next() < 0.3 ? { 'countersign-subject': `subject-${i % 50}` } : {}),
    },
  };
  if (random.next() < 0.35) {
    return { ...common, path: '/v1/chat/completions', body: JSON.stringify(chat(random, application)) };
  }
  const body = decision(random, application);
  const isForm = random.next() < 0.06;
  return { ...common, path: '/v1/decisions', body: isForm ? form(random, body) : spaced(random, body) };
}

function text(random: Random): string {
  return random.next() < 0.06
    ? random.pick(attacks as [string, ...string[]])
    : random.pick(honest as [string, ...string[]]);
}

function decision(random: Random, application: object) {
  const passages = random.next() < 0.3 ? [{ id: 'kb/1', version: '7', text: text(random) }] : undefined;
  const tools = random.next() < 0.2 ? [{ tool: 'lookup', text: text(random) }] : undefined;
  const documents = random.next() < 0.12 ? [document(random)] : undefined;
  return {
    input: { ...application, '10': 1, '2': [1.5e-7, -0, null, true], note: text(random) },
    ...(passages ? { context: passages } : {}),
    ...(tools ? { toolResults: tools } : {}),
    ...(documents ? { documents } : {}),
  };
}

function document(random: Random): { mediaType: string; base64: string } {
  const plain = { mediaType: 'text/plain', base64: Buffer.from(text(random)).toString('base64') };
  const pdf = (base64: string) => ({ mediaType: 'application/pdf', base64 });
  return random.pick([
    plain,
    plain,
    plain,
    pdf(honestPdf),
    pdf(hiddenPdf),
    pdf(brokenPdf),
    { ...plain, mediaType: 'image/png' },
    { ...plain, mediaType: 'audio/mpeg' },
  ]);
}

function chat(random: Random, application: object) {
  const content = random.next() < 0.7 ? `Claim: ${text(random)}` : JSON.stringify(application);
  const part = (data: string) => ({
    type: 'file',
    file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${data}` },
  });
  const parts = random.next() < 0.05 ? [{ type: 'text', text: content }, part(honestPdf)] : content;
  const earlier =
    random.next() < 0.3
      ? [
          { role: 'system', content: 'Answer briefly.' },
          { role: 'tool', tool_call_id: 'c', content: text(random) },
        ]
      : [];
  return {
    model: 'whatever',
    messages: [...earlier, { role: 'user', content: parts }],
    ...(random.next() < 0.3 ? { temperature: 0.5, seed: 3, user: 'u1' } : {}),
    ...(random.next() < 0.2
      ? { tools: [{ type: 'function', function: { name: 'f', description: text(random) } }] }
      : {}),
  };
}

/** Other spaces, another order: the record keeps the caller's own text. */
function spaced(random: Random, body: object): string {
  return random.next() < 0.5
    ? JSON.stringify(body)
    : JSON.stringify(Object.fromEntries(Object.entries(body).toReversed()), null, 2);
}

function form(random: Random, body: object): FormData {
  const data = new FormData();
  data.set('request', JSON.stringify(body));
  const { mediaType, base64 } = document(random);
  data.set('file', new Blob([Buffer.from(base64, 'base64')], { type: mediaType }), 'file');
  return data;
}
