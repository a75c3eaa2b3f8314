import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const Name = (description: string) => Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$', description });
const Share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });

/** How people review the decisions of one type. What is left out asks for nothing. */
export const ReviewSchema = Type.Object(
  {
    leaseSeconds: Type.Integer({
      minimum: 1,
      description: 'how long a claimed task stays with its reviewer, seconds',
    }),
    dueHours: Type.Number({
      exclusiveMinimum: 0,
      description:
        'when a task is due after it was opened, hours; what is not answered by then is escalated, and never approved',
    }),
    slaMinutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'the same in minutes; when given, it counts instead of dueHours',
      }),
    ),
    queue: Type.Optional(Name('queue that its tasks stand in; "default" when left out')),
    skills: Type.Optional(
      Type.Array(Name('a skill, as keys and tokens are granted it'), {
        uniqueItems: true,
        maxItems: 10,
        description: 'skills that a reviewer needs, every one of them; none when left out',
      }),
    ),
    escalationSkill: Type.Optional(
      Name('further skill that a reviewer needs for an escalated task; none when left out'),
    ),
    answers: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 9,
        description: 'how many different persons are asked; 1 when left out. See agree',
      }),
    ),
    agree: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 9,
        description:
          'how many of them must give the same verdict, more than half of answers; all when left out. Otherwise the task is escalated',
      }),
    ),
    fourEyes: Type.Optional(
      Type.Boolean({
        description:
          'at least two persons must agree, neither of them the one who submitted the decision; off when left out',
      }),
    ),
    blindShare: Type.Optional(
      Share(
        'share of tasks whose reviewer answers before the model’s answer is shown, 0 to 1; 0 when left out',
      ),
    ),
    overlapShare: Type.Optional(
      Share(
        'share of tasks that two persons answer independently, to measure agreement, 0 to 1; 0 when left out',
      ),
    ),
    seededShare: Type.Optional(
      Share('cases with a known answer that are planted for each task opened, 0 to 1; 0 when left out'),
    ),
    reasons: Type.Optional(
      Type.Array(Type.String({ description: 'a code of reasons.yaml' }), {
        minItems: 1,
        uniqueItems: true,
        description: 'codes that a reviewer may give; all of reasons.yaml when left out',
      }),
    ),
  },
  { ...closed, description: 'how people review: how long they have, who may, and how many must agree' },
);
export type ReviewPolicy = Static<typeof ReviewSchema>;

/** How many persons are asked, and how many of them must say the same. */
export interface Quorum {
  readonly agree: number;
  readonly answers: number;
}

/** @param overlap whether the task was drawn for a second, independent answer */
export function quorumOf(policy: ReviewPolicy, overlap: boolean): Quorum {
  const least = policy.fourEyes === true || overlap ? 2 : 1;
  const answers = Math.max(policy.answers ?? 1, least);
  return { agree: Math.max(policy.agree ?? answers, least), answers };
}

/** When a task is due after it was opened, ms. */
export function dueAfterMs({ slaMinutes, dueHours }: ReviewPolicy): number {
  return slaMinutes === undefined ? dueHours * 3_600_000 : slaMinutes * 60_000;
}

/** What the schema cannot express, with the path inside `type.yaml`. */
export function reviewProblems(
  policy: ReviewPolicy,
  reasonCodes: readonly string[],
): { readonly path: readonly string[]; readonly message: string }[] {
  const problems: { path: string[]; message: string }[] = [];
  const { answers = 1, agree = answers, reasons = [] } = policy;
  if (agree > answers || agree * 2 <= answers) {
    problems.push({
      path: ['review', 'agree'],
      message: 'must be more than half of answers, and not above it',
    });
  }
  for (const code of reasons.filter((each) => !reasonCodes.includes(each))) {
    problems.push({ path: ['review', 'reasons'], message: `"${code}" is no code of reasons.yaml` });
  }
  return problems;
}
