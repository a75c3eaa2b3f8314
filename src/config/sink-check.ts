import type { Static } from 'typebox';
import { isAddressRange } from '../residency/assurance/address-range.ts';
import { awsRegionCountry } from '../residency/assurance/region-country.ts';
import type { Endpoint } from '../residency/policy.ts';
import type { ArchiveSchema } from './audit-schema.ts';
import type { ConfigDocument } from './document.ts';
import type { GatewayConfig } from './gateway-schema.ts';
import type { ConfigProblem } from './problem.ts';

type Archive = Exclude<Static<typeof ArchiveSchema>, 'none'>;

/** Sinks that are no endpoint, or not the one they are said to be; and checks of places that could never agree. */
export function checkSinks(document: ConfigDocument<GatewayConfig>): ConfigProblem[] {
  const { cells, endpoints } = document.value;
  const problems: ConfigProblem[] = [];
  cells.forEach(({ archive }, c) => {
    if (archive === 'none') return;
    const message = archiveProblem(archive, endpoints);
    if (message !== null) problems.push(document.problem(['cells', c, 'archive', 'endpoint'], message));
  });
  endpoints.forEach((endpoint, e) => {
    for (const { place, message } of assuranceProblems(endpoint))
      problems.push(document.problem(['endpoints', e, ...place], message));
  });
  return problems;
}

function archiveProblem(archive: Archive, endpoints: readonly Endpoint[]): string | null {
  const target = endpoints.find(({ id }) => id === archive.endpoint);
  if (target?.dialect !== 'store' || !target.purposes.includes('archive'))
    return `"${archive.endpoint}" is no endpoint with the dialect store and the purpose archive; declare where the archive is`;
  const url = new URL(target.url);
  if ('folder' in archive)
    return url.protocol === 'file:'
      ? null
      : `a folder is not at ${url.protocol}; give the endpoint a file: URL`;
  const { endpoint: server, region } = archive.s3;
  if (server !== undefined)
    return new URL(server).host === url.host
      ? null
      : 'the S3 server is another host than the endpoint’s url; a place has one declaration';
  const country = awsRegionCountry[region];
  return country !== undefined && target.storage.includes(country)
    ? null
    : `region ${region} is in ${country ?? 'no country that we know'}, which is not in the endpoint’s storage`;
}

function assuranceProblems({ assurance, url, dialect, purposes }: Endpoint) {
  const problems: { place: (string | number)[]; message: string }[] = [];
  const add = (place: (string | number)[], message: string) => {
    problems.push({ place, message });
  };
  const isStore = dialect === 'store';
  if (URL.canParse(url) && new URL(url).protocol === 'file:' && !isStore)
    add(['url'], 'only a store may be a folder; use https');
  if (isStore && purposes.some((purpose) => purpose !== 'archive' && purpose !== 'cache'))
    add(
      ['purposes'],
      'a store is for archive or cache; other bytes leave through an endpoint that is called',
    );
  if (isStore && assurance !== undefined)
    add(['assurance'], 'nothing of it is checked at a store, which its own client writes');
  assurance?.addressRanges?.forEach((range, r) => {
    if (!isAddressRange(range))
      add(['assurance', 'addressRanges', r], 'is no CIDR block; write 192.0.2.0/24');
  });
  if (!url.startsWith('https:') && (assurance?.spkiSha256 ?? assurance?.authorities) !== undefined)
    add(['assurance'], 'a key can only be checked over TLS; use https');
  if (assurance?.canary && (dialect !== 'openai' || !purposes.includes('inference')))
    add(['assurance', 'canary'], 'canaries ask for inference; this endpoint does not offer it');
  return problems;
}
