import { existsSync } from 'node:fs';
import { version } from '@poolscope/engine/base';
import { Command, InvalidArgumentError, Option } from 'commander';
import { exitCode } from './exit-code.ts';
import { addLab } from './lab/add-lab.ts';
import { addTriage } from './triage/add-triage.ts';

const overview = `
Opens Windows kernel crash dumps of every kind (complete, kernel, automatic, active, small; x64, x86, arm64;
also inside .gz, .zip and .7z) and says what happened. Nothing leaves this machine unless a symbol server is set.

Examples:
  poolscope analyze MEMORY.DMP                   what happened, on one page
  poolscope analyze --json *.dmp > reports.jsonl one report a line, for other programs
  poolscope report MEMORY.DMP --html report.html the same as a page with pictures, in one file
  poolscope debug MEMORY.DMP                     a console with the debugger's commands
  poolscope debug MEMORY.DMP -c "vertarget; r; k"
  poolscope symbols list MEMORY.DMP              which symbols serve each module, or why none do
  poolscope mcp --allow FOLDER                   tools for programs that speak the Model Context Protocol
  poolscope lab list                             made-up crashes with a known cause, to learn from

Exit codes: 0 answered, 1 some file is not a readable kernel dump, 2 wrong usage, 3 a bug in poolscope.`;

const debugHelp = `
At the prompt: .help lists the commands and .help COMMAND explains one; Tab completes names of commands, modules,
symbols and registers; the arrow keys bring back earlier lines; an empty line repeats the last one; Ctrl-C stops a
command; q or Ctrl-D leaves.

Commands come from a pipe too, one line each. Each is echoed as 'kd> command' before its output.

Examples:
  poolscope debug MEMORY.DMP
  poolscope debug MEMORY.DMP -c "vertarget; .bugcheck; r; k; lm"
  poolscope debug MEMORY.DMP -c '$<commands.txt'
  echo "db nt L40" | poolscope debug MEMORY.DMP

Exit codes: 0 answered, also where a command has no answer; 1 the file is not a readable kernel dump, 2 wrong usage,
3 a bug in poolscope, 130 stopped by Ctrl-C.`;

/** Undefined where the option is not given: no commands are something else than none. */
const collectGiven = (value: string, previous: string[] | undefined): string[] => [
  ...(previous ?? []),
  value,
];

const collect = (value: string, previous: string[]): string[] => [...previous, value];

const symbolsHelp = `
Symbols come from folders (--symbols, more than once) and from the symbol path in _NT_SYMBOL_PATH:
  poolscope symbols list MEMORY.DMP --symbols ~/symbols
  export _NT_SYMBOL_PATH='srv*~/symbols*https://msdl.microsoft.com/download/symbols'
  poolscope symbols fetch MEMORY.DMP nt
A server is asked only where one is named there.`;

const symbolsOption = () =>
  new Option(
    '--symbols <dir>',
    'a symbol store or a folder with PDBs, ISF files, packed profiles or images, or a symbol path; more than once: in turn',
  )
    .argParser(collect)
    .default([], 'none');

/** The command line. Each command's code is loaded when it runs, so that help and errors are quick. */
export function buildProgram(): Command {
  const program = new Command('poolscope')
    .description('Finds out who corrupted Windows kernel pool memory.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', overview)
    .showHelpAfterError('(poolscope --help lists the commands)')
    .exitOverride();
  addAnalyze(program);
  addReport(program);
  addDebug(program);
  addSymbols(program);
  addTriage(program);
  addLab(program);
  addWeb(program);
  addMcp(program);
  addDemo(program);
  // After the others, which would take it over and swallow words that mean nothing.
  program.allowExcessArguments().action(() => refuse(program, program.args));
  return program;
}

/** No command, or none of ours: a file alone most likely wants to be analyzed. */
function refuse(program: Command, [first]: readonly string[]): void {
  process.exitCode = exitCode.usage;
  if (first === undefined || first === 'help') {
    program.outputHelp({ error: true });
    return;
  }
  const known = program.commands.map((command) => command.name()).join(', ');
  process.stderr.write(`poolscope: there is no command '${first}'; there are ${known}\n`);
  if (existsSync(first)) process.stderr.write(`  poolscope analyze ${first}\n`);
  else process.stderr.write('  poolscope --help explains them.\n');
}

function addAnalyze(program: Command): void {
  program
    .command('analyze')
    .description('say what happened, and who is behind it as far as the dump tells')
    .argument('<file...>', 'kernel dumps, or gz, zip or 7z archives that hold one')
    .option('--json', 'print the report as JSON; with several files one object a line')
    .addOption(symbolsOption())
    .option('--verbose', 'say on stderr where symbols were looked for')
    .option('--pooltags <file>', 'a pooltag.txt that describes pool tags')
    .option('--redact', 'leave out machine, user and process names, paths and payload text')
    .option('--explain-signature', 'say how the signature came about')
    .option('--no-color', 'plain text, also when writing to a terminal')
    .action(async (files: string[], options) => {
      const { runAnalyze } = await import('./analyze.ts');
      await runAnalyze(files, options);
    });
}

const reportHelp = `
The page needs no script, no other file and no network; it can be printed, sent and kept. The JSON is that of analyze --json.

Examples:
  poolscope report MEMORY.DMP --html report.html
  poolscope report MEMORY.DMP --html report.html --json report.json --redact`;

function addReport(program: Command): void {
  program
    .command('report')
    .description('write the answer of analyze into a file: a page with pictures, or JSON')
    .argument('<file>', 'a kernel dump, or an archive that holds one')
    .option('--html <out>', 'the page to write')
    .option('--json <out>', 'the JSON to write')
    .addOption(symbolsOption())
    .option('--verbose', 'say on stderr where symbols were looked for')
    .option('--pooltags <file>', 'a pooltag.txt that describes pool tags')
    .option('--redact', 'leave out machine, user and process names, paths and payload text')
    .addHelpText('after', reportHelp)
    .action(async (file: string, options, command: Command) => {
      const { reportProblem, runReport } = await import('./report.ts');
      const problem = reportProblem(file, options);
      if (problem !== undefined) command.error(`poolscope: ${problem}`);
      await runReport(file, options);
    });
}

function addDebug(program: Command): void {
  program
    .command('debug')
    .description("a console over one dump, with the Windows debugger's commands")
    .argument('<file>', 'a kernel dump, or an archive that holds one')
    .option(
      '-c <commands>',
      'run these commands, separated by semicolons, and exit; more than once: in turn',
      collectGiven,
    )
    .addOption(symbolsOption())
    .option('--verbose', 'say on stderr where symbols were looked for')
    .option('--pooltags <file>', 'a pooltag.txt that describes pool tags')
    .option('--no-color', 'plain text, also when writing to a terminal')
    .addHelpText('after', debugHelp)
    .action(async (file: string, options) => {
      const { runDebug } = await import('./debug.ts');
      await runDebug(file, options);
    });
}

function addSymbols(program: Command): void {
  const symbols = program
    .command('symbols')
    .description('list, fetch and pack the symbols of a dump')
    .addHelpText('after', symbolsHelp);
  const onDump = (name: string, description: string) =>
    symbols
      .command(name)
      .description(description)
      .argument('<file>', 'a kernel dump, or an archive that holds one')
      .addOption(symbolsOption())
      .option('--json', 'print JSON: one array of modules')
      .option('--verbose', 'say on stderr where symbols were looked for')
      .option('--no-color', 'plain text, also when writing to a terminal');
  onDump('list', 'tell which symbols serve each module, or why none do; asks no server').action(
    async (file: string, options) => {
      const { runList } = await import('./symbols/list-symbols.ts');
      await runList(file, options);
    },
  );
  onDump('fetch', 'fetch what the servers of the symbol path have for the modules')
    .argument('[module...]', 'only these; all unless given')
    .action(async (file: string, modules: string[], options) => {
      const { runFetch } = await import('./symbols/list-symbols.ts');
      await runFetch(file, modules, options);
    });
  addPack(symbols);
}

function addPack(symbols: Command): void {
  symbols
    .command('pack')
    .description('make a small profile of a PDB or ISF file: what poolscope uses of it')
    .argument('<file>', 'a PDB or ISF file')
    .requiredOption('--out <file>', 'the profile to write')
    .option('--all-names', 'keep all names, not only those that poolscope looks up')
    .option('--image <file>', "the image's own file, for its time stamp and size")
    .action(async (file: string, options) => {
      const { runPack } = await import('./symbols/pack-symbols.ts');
      await runPack(file, options);
    });
}

const webHelp = `
The page reads dumps in the browser: nothing is uploaded, and its Content-Security-Policy lets it connect to this server only.
Symbols come from what is dropped on the page, and through this server from --symbols and _NT_SYMBOL_PATH.
Any host can carry the same files: apps/web/dist/site.`;

function addWeb(program: Command): void {
  program
    .command('web')
    .description('serve the page with the verdict, the pool map and the console, on this machine only')
    .option('--port <number>', 'port of the server; 0 for any that is free', portNumber, 8765)
    .option('--no-open', 'only print the address')
    .addOption(symbolsOption())
    .option('--verbose', 'say on stderr where symbols were looked for')
    .addHelpText('after', webHelp)
    .action(async (options) => {
      const { runWeb } = await import('./web/run-web.ts');
      await runWeb(options);
    });
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return port;
}

const mcpHelp = `
Files are opened only below the folders of --allow, wherever links lead. Commands that read or write files are refused.
Nothing is fetched from a network unless the symbol path names a server.

Example, in the settings of a client:
  { "command": "poolscope", "args": ["mcp", "--allow", "/dumps"] }`;

function addMcp(program: Command): void {
  program
    .command('mcp')
    .description('serve dumps to programs over the Model Context Protocol, on standard input and output')
    .addOption(
      new Option('--allow <dir>', 'a folder whose dumps may be opened; more than once: all of them')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(new Option('--max-dumps <n>', 'dumps open at once').default('4', '4'))
    .addOption(new Option('--time-limit <seconds>', 'how long one call may take').default('60', '60'))
    .addOption(
      new Option('--memory-limit <megabytes>', 'memory of the thread that reads a dump').default(
        '2048',
        '2048',
      ),
    )
    .addOption(symbolsOption())
    .option('--pooltags <file>', 'a pooltag.txt that describes pool tags')
    .addHelpText('after', mcpHelp)
    .action(async (options) => {
      const { runMcp } = await import('./mcp/run-mcp.ts');
      await runMcp(options);
    });
}

function addDemo(program: Command): void {
  program
    .command('demo')
    .description('write a made-up dump of a crash and analyze it')
    .action(async () => {
      const { runDemo } = await import('./demo.ts');
      await runDemo();
    });
}
