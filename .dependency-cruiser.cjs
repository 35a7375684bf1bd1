/**
 * The direction of imports. Every folder of the engine lists the folders it may import; what is not listed
 * is forbidden, and a folder that is not listed cannot exist. Tests are free to import the engine and the lab.
 */

/**
 * Debt: edges that break a rule and are to be removed. { rule, from, to } with the rule's name, the importing
 * file and the imported files as regular expressions.
 */
const debt = [];

/** Left to right: a folder may import folders above it, and of those only what it names. */
const engine = {
  base: [],
  io: ['base'],
  archive: ['base', 'io'],
  layouts: ['base'],
  cpu: ['base', 'layouts'],
};
const first = ['base', 'io', 'layouts', 'cpu'];
engine.dump = first;
engine.mmu = [...first, 'dump'];
engine.pe = [...engine.mmu, 'mmu'];
engine.pdb = [...engine.mmu, 'mmu'];
engine.isf = [...first, 'archive'];
engine.symbols = [...engine.pe, 'archive', 'pe', 'pdb', 'isf'];
engine.types = [...engine.symbols, 'symbols'];
engine.disasm = [...engine.types, 'types'];
engine.unwind = [...engine.types, 'types'];
engine.windows = [...engine.disasm, 'disasm', 'unwind'];
engine.verifier = [...engine.windows, 'windows'];
engine.pool = [...engine.windows, 'windows'];
engine.system = [...engine.pool, 'verifier', 'pool'];
engine.memory = [...engine.system, 'system'];
engine.expr = [...engine.windows, 'windows'];
engine.code = [...engine.system, 'system', 'expr'];
// The verdict reads much memory, and code before the fault.
engine.analyze = [...engine.system, 'system', 'memory', 'code'];
// Pages for people, made of the report alone.
engine.report = ['base', 'windows', 'analyze'];
// Commands read through types, pool, windows and system, never bytes of the file.
engine.commands = [...engine.analyze, 'analyze', 'report', 'expr'].filter((folder) => folder !== 'io');
// Texts of commands: what the prompt, scripts and control flow run.
engine.script = ['base', 'commands', 'expr'];

/** Folders of the engine that load a library, always by a dynamic import. */
const loadsLibraries = ['disasm', 'archive'];

const folders = Object.keys(engine);
const test = '\\.test\\.ts$';
const engineSource = '^packages/engine/src/';
const either = (names) => `(${names.join('|')})`;
/** A package as seen from another: by its sources, its build or its name. */
const inPackage = (name) => `^(packages/${name}/(src|dist)|node_modules/@poolscope/${name}(/dist)?)/`;

const direction = folders.map((folder) => ({
  name: `engine-${folder}`,
  comment: `${folder}/ may import ${engine[folder].join(', ') || 'nothing else'}`,
  severity: 'error',
  from: { path: `${engineSource}${folder}/`, pathNot: test },
  to: { path: engineSource, pathNot: `${engineSource}${either([folder, ...engine[folder]])}/` },
}));

module.exports = {
  forbidden: [
    ...direction,
    {
      name: 'engine-unlisted-folder',
      comment: 'A new folder of the engine gets a line in .dependency-cruiser.cjs.',
      severity: 'error',
      from: {},
      to: { path: `${engineSource}[^/]+/`, pathNot: `${engineSource}${either(folders)}/` },
    },
    {
      name: 'engine-host-neutral',
      comment: 'The engine runs in every host: no node:* modules.',
      severity: 'error',
      from: { path: engineSource, pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'engine-libraries',
      comment: 'Only disasm/ and archive/ load libraries.',
      severity: 'error',
      from: { path: engineSource, pathNot: [test, `${engineSource}${either(loadsLibraries)}/`] },
      to: { path: 'node_modules' },
    },
    {
      name: 'engine-libraries-lazy',
      comment: 'A library is loaded by import() when it is needed, never with the engine.',
      severity: 'error',
      from: { path: engineSource, pathNot: test },
      to: { path: 'node_modules', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'engine-alone',
      comment: 'The engine imports no other package of the workspace.',
      severity: 'error',
      from: { path: engineSource, pathNot: test },
      to: { path: '^(packages|apps|test|tools)/', pathNot: engineSource },
    },
    {
      name: 'lab-independent',
      comment: 'The lab knows the layout tables and integers of the engine, and nothing that reads dumps.',
      severity: 'error',
      from: { path: '^packages/lab/src/', pathNot: test },
      to: {
        path: ['^(packages|apps|test|tools)/', 'node_modules'],
        pathNot: ['^packages/lab/src/', `${inPackage('engine')}(layouts|base)/`],
      },
    },
    {
      name: 'lab-host-neutral',
      comment: 'The lab runs in every host too.',
      severity: 'error',
      from: { path: '^packages/lab/src/', pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'cli-through-the-door',
      comment: 'The command line uses the public doors of the engine and the lab.',
      severity: 'error',
      from: { path: '^packages/cli/', pathNot: test },
      to: {
        path: inPackage('(engine|lab|triage|mcp)'),
        pathNot: [`${inPackage('(engine|lab|triage|mcp)')}index\\.`, `${inPackage('lab')}fleet/index\\.`],
      },
    },
    {
      name: 'triage-through-the-door',
      comment: 'Triage uses the public door of the engine, and knows no other package.',
      severity: 'error',
      from: { path: '^packages/triage/', pathNot: test },
      to: {
        path: '^(packages|apps|test|tools)/',
        pathNot: ['^packages/triage/', `${inPackage('engine')}(base/)?index\\.`],
      },
    },
    {
      name: 'report-alone',
      comment: 'The types and the schema of the report need nothing.',
      severity: 'error',
      from: { path: '^packages/report/src/', pathNot: test },
      to: { pathNot: '^packages/report/src/' },
    },
    {
      name: 'mcp-through-the-door',
      comment:
        'The protocol server uses the public doors of the engine and of the report, and knows no other package.',
      severity: 'error',
      from: { path: '^packages/mcp/src/', pathNot: test },
      to: {
        path: '^(packages|apps|test|tools)/',
        pathNot: ['^packages/mcp/src/', `${inPackage('(engine|report)')}index\\.`],
      },
    },
    {
      name: 'web-through-the-door',
      comment: 'The page uses the public doors of the engine and the lab, and knows no host of files.',
      severity: 'error',
      from: { path: '^apps/web/src/', pathNot: test },
      to: {
        path: ['^(packages|apps|test|tools)/', 'node_modules/@poolscope/'],
        pathNot: [
          '^apps/web/src/',
          `${inPackage('engine')}(index|base/index)\\.`,
          `${inPackage('lab')}(index|page)\\.`,
        ],
      },
    },
    {
      name: 'web-lab-apart',
      comment: 'The lab is a worker of its own: the page and the engine do not load it.',
      severity: 'error',
      from: { path: '^apps/web/src/', pathNot: [test, '^apps/web/src/lab/'] },
      to: { path: inPackage('lab') },
    },
    {
      name: 'web-host-neutral',
      comment: 'The page runs in a browser: no node:* modules.',
      severity: 'error',
      from: { path: '^apps/web/src/', pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-tests-in-sources',
      comment: 'What ships imports neither tests nor tools.',
      severity: 'error',
      from: { path: '^packages/[^/]+/(src|bin)/', pathNot: test },
      to: { path: [test, '^(test|tools)/', '^packages/[^/]+/test/'] },
    },
    {
      name: 'no-development-libraries-in-sources',
      comment: 'What ships imports no development dependency.',
      severity: 'error',
      from: { path: '^packages/[^/]+/(src|bin)/', pathNot: test },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      comment: 'Imports form no circle, types included.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'Every import names a file that exists.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ].flatMap(withDebt),
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: '^packages/[^/]+/dist/.*\\.d\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};

/** A rule without the edges that are in debt: other imports of the same files stay checked. */
function withDebt(rule) {
  const owed = debt.filter((edge) => edge.rule === rule.name);
  const but = (pathNot, more) => [pathNot ?? [], more].flat();
  const others = {
    ...rule.from,
    pathNot: but(
      rule.from.pathNot,
      owed.map((edge) => edge.from),
    ),
  };
  const owing = owed.map(({ from, to }) => ({
    ...rule,
    from: { ...rule.from, path: from },
    to: { ...rule.to, pathNot: but(rule.to.pathNot, to) },
  }));
  return owed.length === 0 ? [rule] : [{ ...rule, from: others }, ...owing];
}
