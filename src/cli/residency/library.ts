import { Command, Option } from 'commander';
import { Document, isScalar, visit } from 'yaml';
import { library, libraryRows, policyParts } from '../../residency/library/library.ts';
import { type LibraryKind, type LibraryRow, libraryKinds } from '../../residency/library/row.ts';
import { jsonOption, printJson } from '../options.ts';

interface Options {
  jurisdiction?: string;
  kind?: LibraryKind;
  yaml?: boolean;
  json?: boolean;
}

export function libraryCommand(): Command {
  return new Command('library')
    .description('What was read about the law, with source and day; nothing of it is applied by itself.')
    .option('--jurisdiction <id>', 'only this one: EU, EEA, EFTA, UK, CH, US, IN, CN, SG, HK')
    .addOption(new Option('--kind <kind>', 'only this kind').choices(libraryKinds))
    .option('--yaml', 'print parts of a policy, to be pasted, completed and checked')
    .addOption(jsonOption().conflicts('yaml'))
    .addHelpText(
      'after',
      `
Examples:
  countersign residency library --jurisdiction EU --kind adequacy
  countersign residency library --jurisdiction EU --yaml

${library.notice}`,
    )
    .action(print);
}

function print({ yaml, json, ...query }: Options): void {
  const rows = libraryRows(query);
  if (json) printJson({ version: library.version, notice: library.notice, rows });
  else if (yaml) printYaml(rows);
  else {
    console.log(`Library ${library.version}. ${library.notice}`);
    rows.forEach(printRow);
    if (rows.length === 0) console.log('\nNo row is about that.');
  }
}

function printRow(row: LibraryRow): void {
  console.log(`\n${row.id}  (${row.kind}, ${row.jurisdiction})`);
  console.log(`  ${row.law}; ${row.ref}`);
  console.log(`  countries   ${row.countries.join(' ')}`);
  if (row.recipients !== null) console.log(`  recipients  ${row.recipients}`);
  console.log(`  ${row.note}`);
  console.log(`  in force from ${row.validFrom}, read ${row.asOf}, look again by ${row.review}`);
  for (const source of row.source) console.log(`  source      ${source}`);
}

/** Comments carry the notice and the sources, so that they stay with what is pasted. */
function printYaml(rows: readonly LibraryRow[]): void {
  const { jurisdictions, mechanisms, denied } = policyParts(rows);
  console.log(`# Library ${library.version}. ${library.notice}`);
  console.log('# FILL-IN stands where only you know; no configuration is accepted with it.');
  for (const { id, source, note } of rows) console.log(`# ${id}: ${note} Read at ${source.join(', ')}`);
  if (jurisdictions.length > 0) console.log(asYaml({ jurisdictions }));
  if (mechanisms.length > 0) console.log(asYaml({ mechanisms }));
  for (const { subjectJurisdiction, deny } of denied)
    console.log(`# in the transfer rules of ${subjectJurisdiction}: deny: [${deny.join(', ')}]`);
}

/** Lists of codes stand on one line, as in the example configuration. */
function asYaml(value: object): string {
  const document = new Document(value);
  visit(document, {
    Seq: (_key, list) => {
      list.flow = list.items.every((item) => isScalar(item));
    },
  });
  return document.toString({ flowCollectionPadding: false, lineWidth: 0 }).trimEnd();
}
