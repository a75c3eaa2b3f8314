/** What can be looked for in a request: numbers that prove themselves, and words that only suggest. */
export const detectedKinds = [
  'iban',
  'card',
  'email',
  'national-id',
  'health-terms',
  'religion-terms',
  'union-terms',
  'politics-terms',
  'sexuality-terms',
  'ethnicity-terms',
  'biometric-terms',
] as const;
export type DetectedKind = (typeof detectedKinds)[number];
