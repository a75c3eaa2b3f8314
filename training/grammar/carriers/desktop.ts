import type { Carrier } from '../row.ts';
import { machineLayouts, toolRemarks } from './tools.ts';

/** What tools answer about customers and rates. */
export const desktopCarriers: readonly Carrier[] = [
  {
    id: 'crm_record',
    surfaces: ['tool_result'],
    layouts: machineLayouts,
    titles: ['crm record', 'get customer', 'contact history'],
    fields: [
      ['customer id', '{id}'],
      ['name', '{name}'],
      ['email', '{mail}'],
      ['phone', '{phone}'],
      ['city', '{city}'],
      ['owner', '{person}'],
      ['since', '{date}'],
      ['segment', '[retail|private|corporate]'],
      ['birth date', '{birth}'],
    ],
    sentences: ['{n} contacts in {year}.', 'prefers e-mail.', 'two open opportunities.'],
    notes: ['[last note|note]', '[preference|comment]', '[next step|task]'],
    remarks: [
      ...toolRemarks,
      'call about savings plan on {date}.',
      'interested in [a mortgage|travel insurance].',
    ],
    table: {
      columns: ['date', 'channel', 'agent', '[note|summary]'],
      cells: [
        '{date}',
        '[phone|mail|branch]',
        '{person}',
        '[asked about fees|sent form {id}|new address|complaint {ref}|no answer|wants offer]',
      ],
    },
  },
  {
    id: 'fx_quote',
    surfaces: ['tool_result'],
    layouts: machineLayouts,
    titles: ['fx quote', 'exchange rates', 'get rate'],
    fields: [
      ['pair', 'EUR/[USD|GBP|CHF|PLN]'],
      ['bid', '{rate}'],
      ['ask', '{rate}'],
      ['quote id', '{hex}'],
      ['valid until', '{date} {time}'],
      ['spread', '{n}'],
      ['source', '[desk|exchange|fixing]'],
      ['notional', '{plain}'],
    ],
    sentences: ['indicative only.', 'market closes at {time}.', 'rate of {date}.'],
    notes: ['[dealer note|comment]', '[message|info]', '[terms|conditions]'],
    remarks: [
      'spread widened before the holiday.',
      'minimum {amount}.',
      'desk {person}.',
      'firm for {n} seconds.',
    ],
  },
];
