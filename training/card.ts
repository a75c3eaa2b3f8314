import type { Model } from '../src/validation/classifier/weights.ts';
import type { Evaluation, MeasuredText, Measurement } from '../src/validation/evaluation/measurement.ts';
import { measurementOf } from '../src/validation/evaluation/measurement.ts';
import { defaultValidationPolicy } from '../src/validation/policy.ts';
import type { Setting } from './leave-one-out.ts';
import type { Row } from './row.ts';
import { budgets, sourceTextsMin } from './thresholds.ts';

interface Evaluated extends Evaluation {
  readonly texts: readonly MeasuredText[];
}

export interface CardFacts {
  readonly rows: readonly Row[];
  readonly model: Model;
  readonly classifier: string;
  readonly setting: Setting;
  readonly unseenSources: Evaluated;
  readonly unseenFamilies: Evaluated;
  readonly heldOutRows: readonly Row[];
  readonly command: string;
}

/** The model card: every figure in it is computed here. */
export function modelCard(facts: CardFacts): string {
  return `${[
    ...introduction(facts),
    ...data(facts),
    ...results(facts),
    ...finance(facts),
    ...limits(facts),
  ].join('\n')}\n`;
}

function introduction({ model, classifier, setting, command }: CardFacts): string[] {
  const { segment } = model.weights;
  const used = segment.map((weights) => weights.filter((weight) => weight !== 0).length);
  return [
    '# Model card: the injection classifier',
    '',
    'Written by the training script; no figure is typed by hand.',
    '',
    `- **Weights**: \`weights/injection.bin\`, ${model.bytes.length} bytes, ${model.digest}; findings name version \`${classifier}\`.`,
    `- **Made by**: \`${command}\`; the same data and seed give the same bytes.`,
    '- **What it is**: a linear model over segments (sentences, lines, values, and windows over several of them): words and pairs and triples of words, runs of three to five letters, concepts of a word list in many languages and their combinations, what a segment does (orders, asks, addresses) and what surrounds it. In a chat the text as a whole counts too. The score of a text is that of its highest segment.',
    `- **Weights used**: ${used[0]} for chat, ${used[1]} for data (documents, passages, tool results), of ${segment[0]?.length} each, as 8-bit integers.`,
    `- **Languages of the word list**: ${setting.lexicon.map(({ language }) => language).join(', ')}.`,
    '- **What it is for**: one signal of gate 3 beside the rules. It is no guarantee; those come from the structure around the model.',
    '',
  ];
}

function data({ rows, setting }: CardFacts): string[] {
  const sources = [...new Set(rows.map(({ source }) => source))].sort();
  return [
    '## Training data',
    '',
    'None of it is in this repository. Labels marked soft are learned from at half weight and not measured by.',
    '',
    '| source | licence | attacks | benign | surfaces | labels |',
    '|---|---|---|---|---|---|',
    ...sources.map((source) => {
      const own = rows.filter((row) => row.source === source);
      const licences = [...new Set(own.map(({ licence }) => licence))].join('; ');
      const attacks = own.filter(({ label }) => label === 'attack').length;
      const surfaces = [...new Set(own.map(({ surface }) => surface))].join(', ');
      const soft = own.every(({ isSoft }) => isSoft) ? 'soft' : 'hard';
      return `| ${source} | ${licences} | ${attacks} | ${own.length - attacks} | ${surfaces} | ${soft} |`;
    }),
    '',
    `Beside it, of our own: ${setting.grammar.length} texts of the grammar (\`training/grammar\`, training split), ${setting.own.honest} honest texts of \`training/honest\`, ${setting.own.mixture} mixtures that put attacks, and requests that are harmless in a chat, into honest data of the training sources, and ${setting.own.lines} single lines of honest data.`,
    '',
  ];
}

function results({ unseenSources, model }: CardFacts): string[] {
  const { review, refuse } = budgets;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  return [
    '## Sources left out whole',
    '',
    'Every row is scored by a model that saw neither its source nor anything made from it. Recall at a share of false positives ranks the pooled rows of a surface; rules and classifier count together.',
    '',
    ...table('surface', unseenSources.surfaces),
    '',
    ...table('source', unseenSources.sources),
    '',
    '## Thresholds',
    '',
    `Set on the texts above and on the honest texts of the grammar's held-out part, per surface: review at ${percent(review.financial)} of honest financial texts or ${percent(review.other)} of all others, averaged over their sources (those with at least ${sourceTextsMin} such texts), whichever is stricter; refuse at ${percent(refuse.financial)} and ${percent(refuse.other)}. So the false positives in these tables are those that the thresholds were set for; the sealed evaluation is the test of them. Scores are laid so that the policy's thresholds fall there:`,
    '',
    '| surface | review: score, logit | refuse: score, logit |',
    '|---|---|---|',
    ...Object.entries(model.header.calibration).map(([surface, knots]) => {
      const cell = (index: number) => `${knots[index]?.[1]}, ${knots[index]?.[0].toFixed(2)}`;
      return `| ${surface} | ${cell(1)} | ${cell(2)} |`;
    }),
    '',
    ...falsePositives(unseenSources.texts),
  ];
}

function falsePositives(texts: readonly MeasuredText[]): string[] {
  const financial = /^(?:banking77|tatqa_dev|tau_trajectories)$/;
  const hard = /^(?:xstest_safe|wildguard_benign)$/;
  const line = (name: string, pattern: RegExp) => {
    const { fpr, fprInterval, benign } = measurementOf(
      texts.filter(({ source, isAttack }) => !isAttack && pattern.test(source)),
    );
    return `- ${name}: ${shown(fpr)} ${interval(fprInterval)} of ${benign}.`;
  };
  return [
    'False positives at these thresholds, sources left out whole:',
    '',
    line('Honest financial texts', financial),
    line('Hard negatives', hard),
    '',
  ];
}

function finance({ unseenFamilies, heldOutRows }: CardFacts): string[] {
  const languages = [
    ...new Set(heldOutRows.map((row) => (row as { language?: string }).language ?? 'en')),
  ].sort();
  const byLanguage = Object.fromEntries(
    languages.map((language) => [
      language,
      measurementOf(
        unseenFamilies.texts.filter(
          (_, index) => ((heldOutRows[index] as { language?: string }).language ?? 'en') === language,
        ),
      ),
    ]),
  );
  return [
    '## Families and carriers left out whole',
    '',
    'Texts of the grammar whose families of attack and kinds of document took no part in training. They share their author with the training texts, so these figures flatter.',
    '',
    ...table('surface', unseenFamilies.surfaces),
    '',
    ...table('family', unseenFamilies.sources),
    '',
    ...table('language', byLanguage),
    '',
  ];
}

function limits({ unseenSources }: CardFacts): string[] {
  const weakest = Object.entries(unseenSources.sources)
    .filter(([, { recall }]) => recall !== null)
    .sort(([, one], [, other]) => (one.recall ?? 0) - (other.recall ?? 0))
    .slice(0, 4);
  return [
    '## Limits',
    '',
    `- Weakest on the sources ${weakest.map(([name, { recall }]) => `${name} (recall ${shown(recall)})`).join(', ')}.`,
    '- An attack that is an ordinary request (a question in a table, a wish in a tool result) is told from data by its surroundings alone; one that states a false fact and asks for nothing is not seen.',
    '- Honest instructions to staff, manuals and advice on code look like attacks where their kind was not learned from.',
    '- Languages outside the word list are seen through letters and structure only. The word lists were written by the authors of this project and checked by nobody whose first language they are.',
    `- Measured with the policy that ships (canonical depth ${defaultValidationPolicy.canonical.depthMax}); whoever changes thresholds should run \`countersign validation evaluate\`.`,
    '- An attacker who can try often enough finds a way around any such model: see the probing monitors.',
  ];
}

function table(title: string, parts: Readonly<Record<string, Measurement>>): string[] {
  return [
    `| ${title} | attacks | benign | AUC | R@0.5 % | R@1 % | R@5 % | recall | | FPR | |`,
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...Object.entries(parts).map(([name, part]) => {
      const { attacks, benign, auc, recallAtFpr, recall, recallInterval, fpr, fprInterval } = part;
      const figures = [auc, recallAtFpr['0.005'], recallAtFpr['0.01'], recallAtFpr['0.05'], recall].map(
        shown,
      );
      const cells = [...figures, interval(recallInterval), shown(fpr), interval(fprInterval)];
      return `| ${name} | ${attacks} | ${benign} | ${cells.join(' | ')} |`;
    }),
  ];
}

function shown(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}

function interval(bounds: readonly [number, number] | null): string {
  return bounds === null ? '' : `[${bounds[0].toFixed(3)}, ${bounds[1].toFixed(3)}]`;
}
