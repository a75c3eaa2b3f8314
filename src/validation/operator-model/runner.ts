import { OperatorModelError } from './problem.ts';

/** What is used of the package onnxruntime-node. */
export interface OnnxRuntime {
  readonly InferenceSession: { create(model: Uint8Array): Promise<OnnxSession> };
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => object;
}

interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, object>>): Promise<Readonly<Record<string, { readonly data: unknown }>>>;
}

/** Runs a classifier of token sequences: one number for each of its labels. */
export type Runner = (ids: readonly number[]) => Promise<readonly number[]>;

const packageName = 'onnxruntime-node';

/**
 * The package is the operator's to install: it is large, and few need it.
 * @throws OperatorModelError when it is not there
 */
export async function loadRuntime(name: string = packageName): Promise<OnnxRuntime> {
  try {
    const { default: runtime } = (await import(name)) as { default: OnnxRuntime };
    return runtime;
  } catch (cause) {
    const message =
      (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
        ? `the package ${packageName} is not installed; install it beside countersign (npm install ${packageName}), or leave validation.onnx out`
        : `the package ${packageName} cannot be loaded on this machine; see docs/onnx.md`;
    throw new OperatorModelError(message, { cause });
  }
}

/** @throws OperatorModelError for a model that is no classifier of texts */
export async function createRunner(
  { InferenceSession, Tensor }: OnnxRuntime,
  model: Uint8Array,
): Promise<Runner> {
  const session = await InferenceSession.create(model).catch((cause: unknown) => {
    throw new OperatorModelError('the model is no ONNX file with its weights inside', { cause });
  });
  const { inputNames, outputNames } = session;
  const values: Readonly<Record<string, (id: number) => bigint>> = {
    input_ids: BigInt,
    attention_mask: () => 1n,
    token_type_ids: () => 0n,
  };
  const strange = inputNames.filter((name) => !Object.hasOwn(values, name));
  if (strange.length > 0 || !inputNames.includes('input_ids')) {
    throw new OperatorModelError(
      `the model takes ${inputNames.join(', ')}; it has to take input_ids, and nothing but attention_mask and token_type_ids beside`,
    );
  }
  const output = outputNames.length === 1 ? outputNames[0] : outputNames.find((name) => name === 'logits');
  if (output === undefined)
    throw new OperatorModelError(`the model gives ${outputNames.join(', ')}, and none of it is named logits`);
  return async (ids) => {
    const tensorOf = (name: string) =>
      new Tensor('int64', BigInt64Array.from(ids, values[name] ?? BigInt), [1, ids.length]);
    const results = await session.run(Object.fromEntries(inputNames.map((name) => [name, tensorOf(name)])));
    const data = results[output]?.data;
    if (!(data instanceof Float32Array))
      throw new OperatorModelError('the model’s labels are no 32-bit numbers');
    return [...data];
  };
}
