import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hiddenLayersOf, payload, piecesOf, testLimits, textIn } from '../markup/reading-fixture.ts';
import { envelopedRtf, makeCompoundFile, messageStreams } from './mail-fixture.ts';
import { readMsg } from './msg.ts';
import { decompressRtf } from './rtf.ts';

const letter = 'Dear team, please find below the description of the water damage in our kitchen.';
const html = (page: string) => new Uint8Array(Buffer.from(page));
const make = (properties: Readonly<Record<string, string | Uint8Array>>, rest = {}) =>
  makeCompoundFile({
    ...messageStreams({ '0037': 'Claim 4711', '0C1A': 'Jane Doe', ...properties }),
    ...rest,
  });

describe('readMsg', () => {
  it.each([
    [
      'a sentence of the plain body alone',
      'hidden:alternative',
      make({ '1000': `${letter} ${payload}`, '1013': html(`<p>${letter}</p>`) }),
    ],
    [
      'a hidden block of the page',
      'hidden:display',
      make({ '1013': html(`<p>${letter}</p><p hidden>${payload}</p>`) }),
    ],
    [
      'hidden text of the rich body',
      'hidden:vanish',
      make({ '1000': letter, '1009': envelopedRtf(`{\\rtf1 ${letter}{\\v ${payload}}}`) }),
    ],
    [
      'a hidden block of a wrapped page',
      'hidden:display',
      make({
        '1009': envelopedRtf(
          `{\\rtf1\\fromhtml1 {\\*\\htmltag64 <p>}${letter}{\\*\\htmltag72 </p><p hidden>}${payload}{\\*\\htmltag </p>}}`,
        ),
      }),
    ],
  ])('finds %s as %s', async (_, layer, bytes) => {
    const extraction = await readMsg(bytes, testLimits);
    expect(hiddenLayersOf(extraction)).toEqual([layer]);
    expect(textIn(extraction, layer)).toContain(payload);
  });

  it.each([
    ['a plain message', make({ '1000': letter })],
    ['two equal bodies', make({ '1000': letter, '1013': html(`<p>${letter}</p>`) })],
    [
      'three equal bodies',
      make({
        '1000': letter,
        '1013': html(`<p>${letter}</p>`),
        '1009': envelopedRtf(`{\\rtf1{\\fonttbl{\\f0 Arial of the standard kind;}}\\pard ${letter}\\par}`),
      }),
    ],
  ])('raises no alarm for %s', async (_, bytes) => {
    const extraction = await readMsg(bytes, testLimits);
    expect(hiddenLayersOf(extraction)).toEqual([]);
    expect(textIn(extraction, 'visible')).toContain(letter);
  });

  it('reads attachments and messages inside', async () => {
    const inner = {
      ...messageStreams({ '0037': 'Inner', '1000': payload }),
      '__attach_version1.0_#00000000': messageStreams({ '3701': html('b') }),
    };
    const extraction = await readMsg(
      make(
        { '1000': letter },
        {
          '__attach_version1.0_#00000000': messageStreams({
            '3701': html('a'),
            '370E': 'text/plain',
            '3707': 'terms of the contract.txt',
          }),
          '__attach_version1.0_#00000001': { ...messageStreams({}), '__substg1.0_3701000D': inner },
        },
      ),
      testLimits,
    );
    expect(textIn(extraction, 'visible', 'header')).toContain('Claim 4711');
    expect(textIn(extraction, 'visible', 'file-name')).toContain('terms of the contract.txt');
    expect(piecesOf(extraction).find(({ text }) => text === payload)).toMatchObject({
      within: 'attachment=2',
      layer: 'visible',
    });
    expect(extraction.kind === 'read' && extraction.attachments).toEqual([
      { place: 'attachment=1', mediaType: 'text/plain', bytes: html('a') },
      { place: 'attachment=2;attachment=1', mediaType: 'application/octet-stream', bytes: html('b') },
    ]);
  });

  it('unpacks the example of the specification', () => {
    // [MS-OXRTFCP] 3.1.1.
    const packed = Buffer.from(
      '2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0',
      'hex',
    );
    expect(decompressRtf(packed, 1000)).toBe('{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n');
  });

  it('answers for whatever bytes', async () => {
    const whole = make({ '1000': letter.repeat(100), '1013': html(`<p>${letter}</p>`) });
    const changed = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 20 })
      .map((changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      });
    const cut = fc.nat(whole.length).map((length) => whole.subarray(0, length));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array(), cut, changed), async (bytes) => {
        expect(['read', 'unreadable', 'too-large']).toContain((await readMsg(bytes, testLimits)).kind);
      }),
      { numRuns: 300, seed: 5 },
    );
  });
});
