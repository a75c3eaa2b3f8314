import type { Purpose } from '../../decision/label.ts';
import type { Endpoint, ResidencyPolicy } from '../policy.ts';

/**
 * What the endpoint records can say of the register of information on contractual arrangements (DORA Art. 28(3)).
 * The numbers are columns of template B_02.02 in the annexes of Commission Implementing Regulation (EU)
 * 2024/2956; they can be checked against https://ariadnah.com/when-granularity-becomes-noise-in-the-dora-register-of-information/
 * (0130, 0150, 0160 and the product of them). Columns without a number are ours. The entity that uses the
 * service, the function it supports and its criticality are the register's own to add.
 */
export const doraColumns = [
  'endpoint',
  'B_02.02.0010 contract reference',
  'provider legal entity',
  'B_02.02.0030 provider LEI',
  'service',
  'B_02.02.0070 start date',
  'B_02.02.0080 end date',
  'B_02.02.0110 notice period of the provider, days',
  'B_02.02.0130 country of provision of the service',
  'B_02.02.0140 storage of data',
  'B_02.02.0150 country of storage',
  'B_02.02.0160 country of processing',
  'sub-processors',
] as const;

export type DoraRow = readonly string[];

const services: Readonly<Record<Purpose, string>> = {
  inference: 'model inference',
  embedding: 'text embedding',
  guard: 'model inference for inspection',
  cache: 'cache',
  archive: 'archive',
  telemetry: 'logs and metrics',
  review: 'review by people',
  webhook: 'notification',
  tool: 'tools that models call',
};

/** One row for each combination of countries, as the template counts them; `*` stands where the vendor does not tell. */
export function doraRows({ endpoints }: Pick<ResidencyPolicy, 'endpoints'>): readonly DoraRow[] {
  return endpoints.flatMap((endpoint) =>
    // A service is provided from where it computes and from where its people reach it.
    distinct([...endpoint.processing, ...endpoint.support]).flatMap((provision) =>
      endpoint.storage.flatMap((storage) =>
        endpoint.processing.map((processing) => rowOf(endpoint, { provision, storage, processing })),
      ),
    ),
  );
}

function rowOf(
  { id, operator, purposes, contract }: Endpoint,
  { provision, storage, processing }: Readonly<Record<'provision' | 'storage' | 'processing', string>>,
): DoraRow {
  return [
    id,
    contract.ref,
    operator.legalEntity,
    operator.lei ?? '',
    purposes.map((purpose) => services[purpose]).join('; '),
    contract.validFrom,
    contract.validUntil,
    String(contract.noticeDays),
    provision,
    'Yes',
    storage,
    processing,
    contract.subprocessors
      .map(({ legalEntity, service, countries }) => `${legalEntity} (${service}: ${countries.join(' ')})`)
      .join('; '),
  ];
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

/** RFC 4180, with a head. */
export function doraCsv(policy: Pick<ResidencyPolicy, 'endpoints'>): string {
  return [doraColumns, ...doraRows(policy)].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

/** A text that a spreadsheet would compute is kept a text. */
function quoted(value: string): string {
  const text = /^[=+@\t-]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
