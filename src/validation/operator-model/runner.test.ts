import { describe, expect, it } from 'vitest';
import { idOf, obeyRuntime } from './obey-fixture.ts';
import { createRunner, loadRuntime, type OnnxRuntime } from './runner.ts';

const model = new Uint8Array();

function runtimeWith(session: {
  inputNames?: string[];
  outputNames?: string[];
  data?: unknown;
}): OnnxRuntime {
  const { inputNames = ['input_ids'], outputNames = ['logits'], data } = session;
  const create = async () => ({ inputNames, outputNames, run: async () => ({ logits: { data } }) });
  return { ...obeyRuntime(), InferenceSession: { create } };
}

describe('a model in onnxruntime-node', () => {
  it('gives a number for each label', async () => {
    const run = await createRunner(obeyRuntime(), model);
    expect(await run([2, idOf('obey'), 3])).toEqual([0, 3]);
    expect(await run([2, idOf('cafe'), 3])).toEqual([0, -3]);
  });

  it('says what to install where the package is missing', async () => {
    await expect(loadRuntime('@countersign/no-such-package')).rejects.toThrow(
      /install it beside countersign \(npm install onnxruntime-node\)/,
    );
  });

  it.each([
    [{ inputNames: ['pixels'] }, /takes pixels/],
    [{ inputNames: ['attention_mask'] }, /has to take input_ids/],
    [{ outputNames: ['hidden', 'pooled'] }, /gives hidden, pooled/],
  ])('has to be a classifier of texts: %j', async (session, message) => {
    await expect(createRunner(runtimeWith(session), model)).rejects.toThrow(message);
  });

  it('has to give 32-bit numbers', async () => {
    const run = await createRunner(runtimeWith({ data: new Uint16Array(2) }), model);
    await expect(run([1])).rejects.toThrow(/no 32-bit numbers/);
  });

  it('has to be readable', async () => {
    const broken = {
      ...obeyRuntime(),
      InferenceSession: { create: () => Promise.reject(new Error('protobuf')) },
    };
    await expect(createRunner(broken, model)).rejects.toThrow(/no ONNX file/);
  });
});
