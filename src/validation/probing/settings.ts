import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const size = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 4, maximum: 10_000, description }));

/** `probing` of countersign.yaml. */
export const ProbingSchema = Type.Object(
  {
    mode: Type.Union(
      [
        Type.Literal('off', { description: 'nothing is watched' }),
        Type.Literal('monitor', { description: 'alerts are raised, and no answer is changed by it' }),
        Type.Literal('enforce', { description: 'rungs are taken: coarser confidence, throttle, review' }),
      ],
      { description: 'what is done about callers that probe a model; monitor when left out' },
    ),
    clusterSize: size(
      'different inputs near each other, with changing outcomes, that reach the first rung; twice as many reach the second, four times as many the third; 18 unless told: honest variations of one case stay at 15 or below in our simulation, and a walk needs more than a hundred',
    ),
    warmupInputs: Type.Optional(
      Type.Integer({
        minimum: 200,
        maximum: 100_000,
        description:
          'inputs of a tenant and decision type before their distribution is judged; 2,000 unless told. The first half makes the baseline, the second half what is usual of single callers. Who probes during the warm-up becomes part of it',
      }),
    ),
    throttleSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 3_600,
        description:
          'on the second rung, one decision is let through in so many seconds; 300 unless told: ten accounts that take turns are to get few',
      }),
    ),
    halfLifeMinutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_080,
        description: 'after so many minutes of good conduct a suspicion weighs half; 240 unless told',
      }),
    ),
    keepHours: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 168,
        description: 'hours for which encrypted sketches are kept in the cell; 24 unless told',
      }),
    ),
  },
  { ...closed, description: 'monitors for evasion and extraction' },
);
export type ProbingConfig = Static<typeof ProbingSchema>;

/** The configuration with its defaults. */
export interface ProbingSettings {
  readonly mode: 'off' | 'monitor' | 'enforce';
  readonly clusterSize: number;
  readonly warmupInputs: number;
  readonly throttleMs: number;
  readonly halfLifeMs: number;
  readonly keepMs: number;
}

export function probingSettings(config: ProbingConfig | undefined): ProbingSettings {
  return {
    mode: config?.mode ?? 'monitor',
    clusterSize: config?.clusterSize ?? 18,
    warmupInputs: config?.warmupInputs ?? 2_000,
    throttleMs: (config?.throttleSeconds ?? 300) * 1_000,
    halfLifeMs: (config?.halfLifeMinutes ?? 240) * 60_000,
    keepMs: (config?.keepHours ?? 24) * 3_600_000,
  };
}
