import { instead, type NotHere, near } from './row.ts';

const still = 'a dump does not run';
const readOnly = 'dumps are only read';

/** Commands without a dot or an exclamation mark. */
export const plainCommands: readonly NotHere[] = [
  instead('g gc gh gn gN gu', 'runs the target', still),
  instead('p pa pc pct ph pt', 'steps over', still),
  instead('t ta tb tc tct th tt', 'steps into', still),
  instead('wt', 'traces calls', still),
  instead('bp bu bm ba', 'sets a breakpoint', still),
  instead('bl bc bd be br bs bsc', 'breakpoints', still),
  instead('sx sxd sxe sxi sxn sxr sx-', 'which exceptions stop the target', still),
  instead('ah', 'assertions', still),
  instead('a', 'assembles', readOnly),
  instead('e ea eb ed eD ef ep eq eu ew eza ezu', 'writes memory', readOnly),
  instead('f fp', 'fills memory', readOnly),
  instead('m', 'moves memory', readOnly),
  instead('ib iw id', 'reads a port', 'ports are not in a dump'),
  instead('ob ow od', 'writes a port', readOnly),
  near('rdmsr', 'reads a model-specific register', '!prcb', 'model-specific registers are not in a dump'),
  instead('wrmsr', 'writes a model-specific register', readOnly),
  near('dg', 'shows a selector', 'r !pcr'),
  near('dtx', 'shows a structure', 'dt'),
  instead('dv', 'local variables', 'they need private symbols; .frame /r and dps show what is there'),
  near('dx', 'the data model', 'dt .printf ?', '.printf prints values, ? evaluates'),
  near('#', 'searches disassembly', 's uf'),
  instead(
    'ls lsa lsc lse lsf lsf- lsp l+ l-',
    'source lines',
    'source files need private symbols; u shows the code',
  ),
  instead('so', 'options of kernel debugging', still),
  instead('sq', 'quiet mode', 'there is nothing to switch off'),
  instead('ss', 'suffix of symbols', 'there are no such suffixes on x64 and arm64'),
  near('ur ux', 'code of the BIOS', 'u up'),
  near('vercommand', 'how the debugger was started', 'version'),
  near('|', 'processes that are debugged', '|| !process', '|| shows the dump'),
  near('|s', 'another process', '.process'),
  near('||s', 'another system', '||', 'one dump is open at a time'),
];
