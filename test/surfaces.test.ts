import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestGateway, startTestGateway } from './support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

describe('a surface that the decision type does not open', () => {
  it('is refused without a call, and the refusal is recorded with the input', async () => {
    const type = gateway.rooms.types.get('claims-triage');
    if (!type) throw new Error('the example type is missing');
    const opened = type.config.surfaces;
    type.config.surfaces = ['chat'];
    try {
      const before = gateway.callsReceived();
      const answer = await gateway.post('/v1/decisions', {
        decisionType: 'claims-triage',
        input: { description: 'A pane broke.' },
        context: [{ id: 'kb', version: '1', text: 'Glass is covered.' }],
      });
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ code: 'SURFACE_CLOSED', explanation: 'retrieved' });
      expect(gateway.callsReceived()).toBe(before);
      const story = await gateway.story(answer.decisionId);
      expect(story?.entries.map((entry) => entry.header.type)).toEqual(['outcome']);
      expect(JSON.stringify(story?.entries[0]?.payload)).toContain('Glass is covered.');
    } finally {
      type.config.surfaces = opened;
    }
  });
});
