import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DecisionTypeSchema, ReasonsSchema } from '../src/config/decision-type-schema.ts';
import { GatewayConfigSchema } from '../src/config/gateway-schema.ts';
import { ToolSchema } from '../src/tools/declaration.ts';

const folder = 'docs/reference';
const schemas = {
  'countersign.schema.json': GatewayConfigSchema,
  'decision-type.schema.json': DecisionTypeSchema,
  'reasons.schema.json': ReasonsSchema,
  'tool.schema.json': ToolSchema,
};

describe('the published JSON Schemas', () => {
  for (const [name, schema] of Object.entries(schemas)) {
    it(`${name} is what the code checks with`, () => {
      const dialect = { $schema: 'https://json-schema.org/draft/2020-12/schema' };
      const text = `${JSON.stringify({ ...dialect, ...schema }, null, 2)}\n`;
      const path = `${folder}/${name}`;
      if (process.env['UPDATE_REFERENCE'] === '1') {
        mkdirSync(folder, { recursive: true });
        writeFileSync(path, text);
      }
      expect(existsSync(path) ? readFileSync(path, 'utf8') : 'missing').toBe(text);
    });

    it(`${name} describes every key`, () => {
      expect(undescribed(schema, name)).toEqual([]);
    });
  }
});

/** Properties without a description, except inside unions, whose branches their union describes. */
function undescribed(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties, items } = schema as {
    properties?: Record<string, { description?: string }>;
    items?: unknown;
  };
  const entries = Object.entries(properties ?? {});
  const own = entries
    .filter(([, property]) => property.description === undefined)
    .map(([key]) => `${path}.${key}`);
  const deeper = entries.flatMap(([key, property]) => undescribed(property, `${path}.${key}`));
  return own.concat(deeper, undescribed(items, `${path}[]`));
}
