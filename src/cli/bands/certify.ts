import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { RiskSettings } from '../../confidence/certification/certify.ts';
import { type ReviewerErrors, noReviewerErrors } from '../../confidence/certification/chow.ts';
import type { AmountCosts } from '../../confidence/certification/costs.ts';
import { proposeBands } from '../../confidence/certification/proposal.ts';
import { CheckFailed, exitCodes } from '../exit.ts';
import { jsonOption, printJson } from '../options.ts';
import { reportOf } from './report.ts';
import { contradictionIn, parseCosts, parseReviewerErrors, parseRisk, parseSeed } from './risk-options.ts';
import { ScoresFileError } from './scores-file-error.ts';
import { readScores } from './scores-file.ts';
import { printReport } from './text.ts';

interface Options {
  scores: string;
  score: string;
  label: string;
  costs: AmountCosts;
  alpha: number;
  alphaLow?: number;
  delta: number;
  reviewerErrors: ReviewerErrors;
  amount?: string;
  time?: string;
  inOrder?: boolean;
  low: 'decline' | 'escalate';
  seed: number;
  json?: boolean;
}

export function certifyCommand(): Command {
  return new Command('certify')
    .description('Certify bands from scored cases whose outcome is known, and say what they would have cost.')
    .requiredOption('--scores <file>', 'CSV with a header, one case a row')
    .requiredOption('--score <column>', 'probability of the bad outcome, 0 to 1')
    .requiredOption('--label <column>', '1 for a bad outcome, 0 for a good one')
    .requiredOption(
      '--costs <fa,fr,review>',
      'cost of approving a bad case, of declining a good one, of a review; 20+0.45a is 20 and 45 % of the amount',
      parseCosts,
    )
    .requiredOption('--alpha <share>', 'greatest share of bad cases among the approved', parseRisk)
    .requiredOption(
      '--delta <probability>',
      'greatest chance that a certified band breaks its alpha',
      parseRisk,
    )
    .option(
      '--alpha-low <share>',
      'greatest share of good cases among the declined; --alpha without it',
      parseRisk,
    )
    .addOption(
      new Option(
        '--reviewer-errors <efa,efr>',
        'share of the bad that reviewers approve, of the good they decline',
      )
        .argParser(parseReviewerErrors)
        .default(noReviewerErrors, '0,0'),
    )
    .option('--amount <column>', 'amount of the case, where costs depend on it')
    .option('--time <column>', 'time of the case: the earliest fit, the next certify, the latest measure')
    .option('--in-order', 'the rows are in order of time already')
    .addOption(
      new Option('--low <what>', 'what the low band does; where it only escalates, a person decides there')
        .choices(['decline', 'escalate'])
        .default('decline'),
    )
    .addOption(new Option('--seed <n>', 'of every draw').argParser(parseSeed).default(1))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
tHigh and tLow are calibrated probabilities that the good outcome is right: a case is approved from tHigh on and
declined up to tLow. "raw" gives the same edges in the file's own score. null: no such band could be certified, and
a person decides. Exit code 0 either way.

Examples:
  countersign bands certify --scores loans.csv --score p_bad --label defaulted --costs 5,1,0.3 --alpha 0.05 --delta 0.05
  countersign bands certify --scores wires.csv --score risk --label fraud --costs 0.9a,15,12 --amount eur \\
    --alpha 0.002 --delta 0.05 --time sent_at --low escalate --json`,
    )
    .action(certify);
}

function certify(options: Options): void {
  const contradiction =
    contradictionIn(options.costs, options.amount) ??
    (options.time !== undefined && options.inOrder ? '--time and --in-order exclude each other' : null);
  if (contradiction !== null) {
    console.error(contradiction);
    throw new CheckFailed(exitCodes.usage);
  }
  const cases = casesOf(options);
  const settings: RiskSettings = {
    costs: options.costs,
    reviewerErrors: options.reviewerErrors,
    alphaHigh: options.alpha,
    alphaLow: options.alphaLow ?? options.alpha,
    delta: options.delta,
    lowBand: options.low,
    seed: options.seed,
  };
  const isOrdered = options.time !== undefined || options.inOrder === true;
  const report = reportOf(proposeBands(cases, settings, { isOrdered }), settings);
  if (options.json) printJson(report);
  else printReport(report);
}

function casesOf({ scores, score, label, time, amount }: Options) {
  try {
    return readScores(readFileSync(scores, 'utf8'), { score, label, time, amount });
  } catch (error) {
    const isUnreadable = ['ENOENT', 'EISDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!(error instanceof ScoresFileError) && !isUnreadable) throw error;
    console.error(
      error instanceof ScoresFileError ? `${scores}: ${error.message}` : (error as Error).message,
    );
    throw new CheckFailed(exitCodes.usage);
  }
}
