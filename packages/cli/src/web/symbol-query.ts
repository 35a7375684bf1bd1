import type { SymbolFileKind, SymbolRequest } from '@poolscope/engine';
import { isSafeName } from '../symbols/store-key.ts';

/** What the page asks for: a file of a kind that belongs to a module. */
export interface SymbolQuery {
  readonly request: SymbolRequest;
  readonly kind: SymbolFileKind;
}

const kinds: readonly string[] = ['pdb', 'isf', 'profile', 'image'] satisfies SymbolFileKind[];
const machines: readonly string[] = ['x64', 'x86', 'arm64'] satisfies SymbolRequest['machine'][];
const needs: readonly string[] = ['kernel', 'stack', 'loaded'] satisfies SymbolRequest['need'][];

/** Reads a query of the page; undefined where something in it cannot be. Names come out of dumps. */
export function readSymbolQuery(query: URLSearchParams): SymbolQuery | undefined {
  const text = (name: string) => query.get(name) ?? '';
  const [kind, machine, need, image] = [text('kind'), text('machine'), text('need'), text('image')];
  const [timestamp, size] = [numberOf(query.get('timestamp')), numberOf(query.get('size'))];
  const isKnown = kinds.includes(kind) && machines.includes(machine) && needs.includes(need);
  if (!isKnown || !isSafeName(image) || size === undefined) return undefined;
  const pdb = pdbOf(query);
  if (query.has('pdb') && pdb === undefined) return undefined;
  return {
    kind: kind as SymbolFileKind,
    request: {
      module: text('module').slice(0, 200),
      base: 0n,
      image,
      machine: machine as SymbolRequest['machine'],
      timestamp,
      size,
      pdb,
      need: need as SymbolRequest['need'],
    },
  };
}

function pdbOf(query: URLSearchParams): SymbolRequest['pdb'] {
  const [name, guid, age] = [query.get('pdb') ?? '', query.get('guid') ?? '', numberOf(query.get('age'))];
  if (!isSafeName(name) || !/^[0-9A-F]{8,32}$/.test(guid) || age === undefined) return undefined;
  return { name, guid, age };
}

const numberOf = (text: string | null): number | undefined =>
  text !== null && /^\d{1,10}$/.test(text) && Number(text) <= 0xffff_ffff ? Number(text) : undefined;
