import { Ajv2020 } from 'ajv/dist/2020.js';

/** @throws Error when the schema is none */
export function compileParameters(schema: object): (value: unknown) => boolean {
  // Its own instance: two tools may use the same $id.
  const validate = new Ajv2020({ strict: false }).compile(schema);
  return (value) => validate(value);
}
