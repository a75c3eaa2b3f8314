import { anywhere, countryCodes, countryHint } from './country.ts';
import { addDuplicates, checkSpan, type PolicyProblem } from './policy-problem.ts';
import type { Endpoint } from './policy.ts';

const placeLists = ['processing', 'storage', 'support', 'telemetry'] as const;

export function checkEndpoints(endpoints: readonly Endpoint[]): PolicyProblem[] {
  const problems = endpoints.flatMap((endpoint, e) => checkEndpoint(endpoint, e));
  addDuplicates(problems, endpoints, ['endpoints']);
  const offered = new Map<string, string>();
  endpoints.forEach((endpoint, e) => {
    endpoint.models.forEach((model, m) => {
      const key = `${hostOf(endpoint.url)} ${model.id}`;
      const other = offered.get(key);
      if (other !== undefined && other !== endpoint.id) {
        problems.push({
          path: ['endpoints', e, 'models', m, 'id'],
          message: `"${other}" offers this model at this host already; one place has one declaration, so merge the two`,
        });
      }
      offered.set(key, endpoint.id);
    });
  });
  return problems;
}

function checkEndpoint(endpoint: Endpoint, e: number): PolicyProblem[] {
  const path = ['endpoints', e];
  const problems: PolicyProblem[] = [];
  const add = (place: readonly (string | number)[], message: string) => {
    problems.push({ path: [...path, ...place], message });
  };
  const urlProblem = checkUrl(endpoint.url);
  if (urlProblem !== null) add(['url'], urlProblem);
  checkSpan(problems, endpoint.contract, [...path, 'contract']);
  checkPlaces(endpoint, add);
  checkDialect(endpoint, add);
  endpoint.models.forEach((model, m) => {
    if (endpoint.models.findIndex((other) => other.id === model.id) !== m) {
      add(['models', m, 'id'], 'this model is listed twice; a model id stands for one version');
    }
  });
  return problems;
}

type Add = (place: readonly (string | number)[], message: string) => void;

function checkPlaces(endpoint: Endpoint, add: Add): void {
  for (const list of placeLists) {
    endpoint[list].forEach((code, c) => {
      if (code !== anywhere && !countryCodes.has(code))
        add([list, c], `"${code}" is no country; ${countryHint(code)}`);
    });
  }
  endpoint.operator.controlledFrom.forEach((code, c) => {
    const place = ['operator', 'controlledFrom', c];
    if (!countryCodes.has(code)) add(place, `"${code}" is no country; ${countryHint(code)}`);
  });
  if (endpoint.vendorMode === 'global' && !endpoint.processing.includes(anywhere)) {
    add(['processing'], 'vendorMode global computes anywhere; write ["*"], or use a regional deployment');
  }
  if (endpoint.vendorMode === 'profile' && endpoint.profileSnapshotSha256 === undefined) {
    add(
      ['vendorMode'],
      'a profile’s regions are the vendor’s to change; add profileSnapshotSha256 of the one you read',
    );
  }
  const declared = new Set(placeLists.flatMap((list) => endpoint[list]));
  endpoint.contract.subprocessors.forEach((subprocessor, s) => {
    subprocessor.countries.forEach((code, c) => {
      if (declared.has(code)) return;
      const place = ['contract', 'subprocessors', s, 'countries', c];
      add(
        place,
        `"${code}" stands in none of ${placeLists.join(', ')}; add it there, so that the filter sees it`,
      );
    });
  });
}

function checkDialect(endpoint: Endpoint, add: Add): void {
  const isWebhook = endpoint.purposes.includes('webhook');
  if (isWebhook !== (endpoint.dialect === 'webhook')) {
    add(['dialect'], 'the dialect webhook and the purpose webhook go together; change one of them');
  }
  if (endpoint.dialect === 'tool' && endpoint.purposes.length > 1) {
    add(['purposes'], 'a tool serves no other purpose; declare another endpoint for the rest');
  }
  if (isWebhook && endpoint.purposes.length > 1) {
    add(['purposes'], 'a webhook serves no other purpose; declare another endpoint for the rest');
  }
  if (endpoint.purposes.includes('tool') !== (endpoint.dialect === 'tool')) {
    add(['dialect'], 'the dialect tool and the purpose tool go together; change one of them');
  }
  const needsModel = endpoint.purposes.find((p) => p === 'inference' || p === 'embedding' || p === 'guard');
  if (needsModel !== undefined && endpoint.models.length === 0) {
    add(['models'], `the purpose ${needsModel} needs a model; list the ids and versions it offers`);
  }
}

/** The text of the URL is never repeated: it may hold a password. */
function checkUrl(text: string): string | null {
  if (!URL.canParse(text)) return 'is no URL; write https://host/path';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    return 'holds credentials; move them to "credential: env:NAME"';
  if (/[?#]/.test(text)) return 'has a query or fragment; give the base URL alone';
  if (
    url.protocol === 'https:' ||
    url.protocol === 'file:' ||
    (url.protocol === 'http:' && isLoopback(url.hostname))
  )
    return null;
  return 'must use https; plain http is accepted for loopback only';
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
