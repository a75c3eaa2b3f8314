import { applicationIn } from './cases.ts';
import type { SceneResult } from './scene.ts';
import type { Stage } from './stage.ts';

/** What a person can do with the gateway that stays up. */
export function epilogue(stage: Stage, results: readonly SceneResult[]): string {
  const url = stage.play.gatewayUrl;
  const first = results.find((result) => result.decisionId !== null)?.decisionId;
  const { caller, reviewer, auditor } = stage.keys;
  const body = JSON.stringify({ decisionType: 'credit-application', input: applicationIn('high') });
  const lines = [
    `The gateway listens on ${url}   (API: ${url}/openapi.json, metrics: ${url}/metrics)`,
    '',
    'API keys, valid until you stop:',
    `  caller    ${caller}`,
    `  reviewer  ${reviewer}`,
    `  auditor   ${auditor}`,
    '',
    'Ask for a decision:',
    `  curl ${url}/v1/decisions \\`,
    `    -H 'authorization: Bearer ${caller}' \\`,
    `    -H 'content-type: application/json' -H 'countersign-jurisdiction: EU' \\`,
    `    -d '${body}'`,
    ...(first
      ? [
          '',
          'Read the record of the first one:',
          `  curl ${url}/v1/decisions/${first}/record \\`,
          `    -H 'authorization: Bearer ${auditor}'`,
        ]
      : []),
    '',
    `Logs of all processes: ${stage.folder}`,
    'Stop with Ctrl-C.',
  ];
  return lines.join('\n');
}

export function summary(results: readonly SceneResult[]): string {
  const held = results.filter(({ ok }) => ok).length;
  return held === results.length
    ? `All ${held} scenes hold.`
    : `${held} of ${results.length} scenes hold; ${results.length - held} FAILED.`;
}
