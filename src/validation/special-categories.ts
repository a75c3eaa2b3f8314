import type { DetectedKind } from './sensitive-kinds.ts';

/**
 * Words that suggest special categories of data (GDPR Art. 9(1)), folded to lower case without accents, in
 * English, German, French, Spanish, Italian and Dutch. A `*` stands for any further letters. The lists are
 * short on purpose: a word is here when a financial text hardly uses it for anything else, so "depression",
 * "condition", "union" and "mass" are not. They raise a class and refuse nothing by themselves; what they
 * miss is a person's to declare.
 */
export const specialWords: Readonly<Record<Extract<DetectedKind, `${string}-terms`>, string>> = {
  // Diagnoses, treatments and the words for them; not professions, for a doctor may apply for a loan.
  'health-terms':
    'diagnosis diagnosed diagnoses chemotherap* radiotherap* dialysis hiv aids-related cancer* tumour* tumor* ' +
    'leukaemia leukemia diabetes diabetic asthma* epilep* schizophreni* bipolar psychiatr* psychotherap* ' +
    'antidepressant* pregnan* miscarriage disabilit* wheelchair sick-leave hospitalised hospitalized ' +
    'krebserkrankung* krebsdiagnose* krebsleiden diagnose* diabetes* schwanger* behinder* krankgeschrieben krankheit* chemotherapie* rollstuhl ' +
    'psychotherapie* erkrank* maladie* enceinte grossesse handicap* hospitalise* chimiotherap* ' +
    'enfermedad* embaraz* discapacidad* quimioterap* diagnosticad* malattia malattie gravidanza disabilita ' +
    'chemioterap* ziekte* zwanger* arbeidsongeschikt* kanker*',
  'religion-terms':
    'catholic* protestant* muslim* islam* jewish judaism hindu* buddhis* sikh* atheis* church-tax mosque ' +
    'synagogue katholisch* evangelisch* muslimisch* judisch* kirchensteuer* konfession* catholique* musulman* ' +
    'juif juive* catolic* musulm* judio* cattolic* ebreo ebrea* katholiek* moslim* joods*',
  'union-terms':
    'trade-union* labour-union* labor-union* union-dues shop-steward gewerkschaft* ig-metall ' +
    'betriebsrat* syndicat* syndique* sindicat* sindacat* vakbond* ondernemingsraad',
  'politics-terms':
    'party-membership party-donation* political-opinion* political-belief* parteimitglied* parteispende* ' +
    'adherent-au-parti opinions-politiques afiliacion-politica opiniones-politicas opinioni-politiche ' +
    'partijlid* politieke-overtuiging',
  'sexuality-terms':
    'homosexual* bisexual* lesbian* transgender* sexual-orientation sex-life homosexuell* bisexuell* ' +
    'lesbisch* sexuelle-orientierung homosexuel* orientation-sexuelle orientacion-sexual omosessual* ' +
    'orientamento-sessuale homoseksueel* seksuele-geaardheid',
  'ethnicity-terms':
    'ethnicity ethnic-origin* racial-origin* ethnische-herkunft origine-ethnique origen-etnico origine-etnica ' +
    'etnische-afkomst romani sinti',
  'biometric-terms':
    'fingerprint-template* iris-scan* dna-profile* genetic-test* genome biometric-template* dna-analyse* ' +
    'gentest* genetische* empreintes-digitales test-genetique* huellas-dactilares prueba-genetica ' +
    'impronte-digitali test-genetic* vingerafdruk*',
};

/** One pattern for a list of words, for folded text; a hyphen in a word stands for any gap between two. */
export function wordsPattern(words: string): RegExp {
  const forms = words
    .split(' ')
    .map((word) => word.replaceAll('-', String.raw`[\s_-]{1,3}`).replace('*', String.raw`\p{L}{0,20}`));
  return new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${forms.join('|')})(?![\p{L}\p{N}])`, 'gu');
}
