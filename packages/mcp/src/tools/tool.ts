import type { Session } from '@poolscope/engine';
import { z } from 'zod';
import type { Work } from '../work.ts';

/** A JSON Schema of an object. */
export interface ObjectSchema {
  readonly type: 'object';
  readonly [keyword: string]: unknown;
}

/** What a client is told of a tool. */
interface ToolFacts {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly output: ObjectSchema;
}

/** A tool over one open dump. Its answer fits `output`; work that takes long yields. */
export interface DumpTool<Shape extends z.ZodRawShape = z.ZodRawShape> extends ToolFacts {
  readonly input: z.ZodObject<Shape>;
  work(session: Session, input: z.infer<z.ZodObject<Shape>>): Work;
}

/** Text that a person reads in place of the JSON, where the answer has one. */
export const textField = 'text';

/** Keeps the type of a tool's input for its `work`. */
export const dumpTool = <Shape extends z.ZodRawShape>(tool: DumpTool<Shape>): DumpTool =>
  tool as unknown as DumpTool;

/** The JSON Schema of what a zod type lets through; without a dialect, which some clients cannot read. */
export function schemaOf(type: z.ZodType, io: 'input' | 'output' = 'output'): ObjectSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io });
  return { ...schema, type: 'object' };
}

export const hex = z.string().describe('64-bit number: 0x and lower-case digits');

/** Addresses come as the console takes them: numbers, registers, symbols, expressions. */
export const address = z
  .string()
  .min(1)
  .max(500)
  .describe("address or expression in the debugger's syntax: fffffa80`03f42000, @rcx, nt!PsLoadedModuleList");

/** Characters of text in one answer. */
export const mostCharacters = 200_000;

export const maxChars = z
  .number()
  .int()
  .min(100)
  .max(mostCharacters)
  .default(20_000)
  .describe('characters of text to return at most');

/** Rows of a list in one answer. */
export const rowLimit = (most: number, usual: number) =>
  z.number().int().min(1).max(most).default(usual).describe('rows at most');
