import { expect, it } from 'vitest';
import { payload, piecesOf, testLimits } from '../markup/reading-fixture.ts';
import { makeDocx, paragraph, run } from '../office/office-fixture.ts';
import { readWhole } from '../whole-document.ts';
import { makeCompoundFile, makeMultipart, messageStreams } from './mail-fixture.ts';

it('finds hidden text in a document in a message in a message', async () => {
  const docx = makeDocx({ body: paragraph(run('Seen.') + run(payload, '<w:vanish/>')) });
  const inner = {
    ...messageStreams({ '0037': 'Inner', '1000': 'See the enclosed document.' }),
    '__attach_version1.0_#00000000': messageStreams({ '3701': docx }),
  };
  const msg = makeCompoundFile({
    ...messageStreams({ '0037': 'Outer' }),
    '__attach_version1.0_#00000000': { ...messageStreams({}), '__substg1.0_3701000D': inner },
  });
  const eml = makeMultipart('mixed', [
    { type: 'text/plain', body: 'Please see the message below.' },
    {
      type: 'application/octet-stream',
      headers: 'Content-Transfer-Encoding: base64\r\n',
      body: Buffer.from(msg).toString('base64').replace(/.{76}/g, '$&\r\n'),
    },
  ]);
  const extraction = await readWhole('message/rfc822', eml, testLimits);
  expect(piecesOf(extraction)).toContainEqual({
    within: 'attachment=1;attachment=1;attachment=1',
    page: null,
    layer: 'hidden:vanish',
    text: payload,
  });
  expect(piecesOf(extraction)).toContainEqual({
    within: 'attachment=1;attachment=1',
    page: null,
    layer: 'visible',
    text: 'See the enclosed document.',
  });
});
