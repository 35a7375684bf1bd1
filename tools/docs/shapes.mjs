import { CommentTag, Context, Converter, ReflectionKind, TypeScript } from 'typedoc';

/**
 * Documents also the types that an exported one refers to and that have no name at the door: the shape of an answer is told down to
 * its last field. They stand on the page of the engine, in a group of their own.
 *
 * The converter makes a reference for each type that it meets; those that lead to nothing after it are converted, until none is left.
 */

const { SymbolFlags } = TypeScript;
const kinds = SymbolFlags.Class | SymbolFlags.Enum | SymbolFlags.Interface | SymbolFlags.TypeAlias;
const group = 'Shapes without a name at the door';

/** @typedef {import('typedoc').TypeScript.Symbol} Shape */

/** @param {import('typedoc').Application} application */
export function documentShapes(application) {
  /** @type {Set<Shape>} */
  const met = new Set();
  const { createSymbolReference } = Context.prototype;
  /** @type {typeof createSymbolReference} */
  const noting = function (symbol, context, name) {
    met.add(symbol);
    // @ts-expect-error `this` is the context: a method cannot say so in a type of its own
    return createSymbolReference.call(this, symbol, context, name);
  };
  Context.prototype.createSymbolReference = noting;
  application.converter.on(
    Converter.EVENT_RESOLVE_BEGIN,
    (context) => {
      for (const door of context.project.children ?? [])
        door.name = `@poolscope/${door.name.replace('/dist', '')}`;
      /** @type {Set<Shape>} */
      const done = new Set();
      for (let left = [...met]; left.length > 0; left = [...met].filter((each) => !done.has(each)))
        for (const symbol of left) {
          done.add(symbol);
          convertShape(context, symbol);
        }
    },
    1e9,
  );
}

/** @param {Context} context @param {Shape} symbol */
function convertShape(context, symbol) {
  if (context.getReflectionFromSymbol(symbol) !== undefined) return;
  const owner = doorOf(context, symbol);
  if (owner === undefined) return;
  const [program] = context.programs;
  if (program === undefined) return;
  context.setActiveProgram(program);
  const inner = context.withScope(owner);
  context.converter.convertSymbol(inner, symbol);
  // One without a docstring gets no tag: the tag would count as its documentation.
  context
    .getReflectionFromSymbol(symbol)
    ?.comment?.blockTags.push(new CommentTag('@group', [{ kind: 'text', text: group }]));
  context.setActiveProgram(undefined);
}

/**
 * The page of the engine, for its own types: those of libraries have none, and the insides of the lab and of the server are no
 * answers to anybody.
 * @param {Context} context
 * @param {Shape} symbol
 */
function doorOf(context, symbol) {
  const path = symbol.declarations?.[0]?.getSourceFile().fileName ?? '';
  if (!path.includes('/packages/engine/dist/') || (symbol.flags & kinds) === 0) return undefined;
  return context.project.children?.find(
    (each) => each.kindOf(ReflectionKind.Module) && each.name === '@poolscope/engine',
  );
}
