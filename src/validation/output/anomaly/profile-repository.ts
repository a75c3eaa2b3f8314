import type { Query } from '../../../storage/connections.ts';
import { measures } from './features.ts';
import type { OutputProfile } from './profile.ts';

/** Whose answers a profile is made from. A new version of a type may answer otherwise, so it begins anew. */
export interface ProfileKey {
  readonly decisionType: string;
  readonly typeVersion: string;
  readonly endpoint: string;
}

/** Counts by what was counted: a measure and its bin, or a form, a language, or `answers`. */
export type ProfileCounts = ReadonlyMap<string, number>;

export function keyText({ decisionType, typeVersion, endpoint }: ProfileKey): string {
  return JSON.stringify([decisionType, typeVersion, endpoint]);
}

/** Adds what was seen to the profile of a cell. */
export async function addCounts(
  query: Query,
  cell: string,
  key: ProfileKey,
  counts: ProfileCounts,
): Promise<void> {
  const features = [...counts.keys()].map((name) => name.split(':')[0]);
  const values = [...counts.keys()].map((name) => name.split(':')[1] ?? '');
  await query({
    text: 'SELECT add_output_counts($1, $2, $3, $4, $5::text[], $6::text[], $7::bigint[])',
    values: [
      cell,
      key.decisionType,
      key.typeVersion,
      key.endpoint,
      features,
      values,
      [...counts.values()].map(String),
    ],
  });
}

interface Row {
  readonly decision_type: string;
  readonly type_version: string;
  readonly endpoint: string;
  readonly feature: string;
  readonly value: string;
  readonly answers: string;
}

/** Every profile of a cell, by the text of its key. */
export async function findProfiles(query: Query, cell: string): Promise<Map<string, OutputProfile>> {
  const rows = await query<Row>({
    text: `SELECT decision_type, type_version, endpoint, feature, value, answers::text
             FROM output_profiles WHERE cell = $1`,
    values: [cell],
  });
  const grouped = new Map<string, Row[]>();
  for (const row of rows) {
    const { decision_type: decisionType, type_version: typeVersion, endpoint } = row;
    const key = keyText({ decisionType, typeVersion, endpoint });
    const group = grouped.get(key);
    if (group === undefined) grouped.set(key, [row]);
    else group.push(row);
  }
  return new Map([...grouped].map(([key, group]) => [key, profileOf(group)]));
}

function profileOf(rows: readonly Row[]): OutputProfile {
  const countsOf = (feature: string) =>
    rows.filter((row) => row.feature === feature).map((row) => [row.value, Number(row.answers)] as const);
  const bins = measures.flatMap((measure) => {
    const counts = countsOf(measure);
    const map = new Map(counts.map(([value, count]) => [Number(value), count]));
    return counts.length === 0 ? [] : [[measure, map] as const];
  });
  return {
    answers: countsOf('answers')[0]?.[1] ?? 0,
    bins: Object.fromEntries(bins),
    forms: new Map(countsOf('form')),
    languages: new Map(countsOf('language')),
  };
}
