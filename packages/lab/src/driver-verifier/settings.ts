import { DebuggerError } from '@poolscope/engine/base';

/** What Driver Verifier does at the next start of the machine. */
export interface VerifierSettings {
  /** Bits of the options. */
  readonly flags: number;
  /** File names of drivers; `all` of them. */
  readonly drivers: readonly string[] | 'all';
}

/** No verifier. */
export const verifierOff: VerifierSettings = { flags: 0, drivers: [] };

/** Bits that the lab acts on. */
export const verifierFlags = {
  specialPool: 0x1,
  forceIrql: 0x2,
  poolTracking: 0x8,
  ioVerification: 0x10,
} as const;

/** Standard options: from Windows 8 on the checks of compliance are among them. */
const standardFlags = (build: number): number => (build >= 9200 ? 0x2_09bb : 0x9bb);

/** Does Driver Verifier watch this driver? */
export const isVerified = ({ drivers }: VerifierSettings, name: string): boolean =>
  drivers === 'all' || drivers.some((each) => each.toLowerCase() === name.toLowerCase());

/** The settings after a command, and what the command prints. */
export interface VerifierAnswer {
  readonly settings: VerifierSettings;
  readonly lines: readonly string[];
}

const wrong = (message: string): DebuggerError => new DebuggerError('LAB_OPTIONS', `verifier: ${message}`);

/**
 * A command line of verifier.exe: `/flags N`, `/standard`, `/driver A.sys B.sys`, `/all`, `/query`, `/querysettings`, `/reset`,
 * with or without the program's name. What it sets holds from the next start on. Throws LAB_OPTIONS.
 */
export function verifierCommand(
  line: string,
  { settings, build }: { readonly settings: VerifierSettings; readonly build: number },
): VerifierAnswer {
  const words = line
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '' && !/^verifier(\.exe)?$/i.test(word));
  let { flags, drivers } = settings;
  if (words.length === 0) throw wrong('no option is given');
  for (let at = 0; at < words.length; at++) {
    const option = words[at]!.toLowerCase();
    if (!option.startsWith('/')) throw wrong(`'${words[at]}' is no option`);
    if (option === '/query' || option === '/querysettings') return { settings, lines: describe(settings) };
    if (option === '/reset')
      return { settings: verifierOff, lines: ['No drivers are verified after the next start.'] };
    if (option === '/standard') flags = standardFlags(build);
    else if (option === '/flags') flags = flagsOf(words[++at]);
    else if (option === '/all') drivers = 'all';
    else if (option === '/driver') {
      const names = namesFrom(words, at + 1);
      if (names.length === 0) throw wrong('/driver names no driver');
      drivers = names;
      at += names.length;
    } else throw wrong(`${words[at]} is not known`);
  }
  const next = { flags, drivers };
  return { settings: next, lines: [...describe(next), 'The new settings hold after the next start.'] };
}

function namesFrom(words: readonly string[], start: number): string[] {
  const names: string[] = [];
  for (let at = start; at < words.length && !words[at]!.startsWith('/'); at++) names.push(words[at]!);
  return names;
}

/** Decimal, or hexadecimal with 0x. */
function flagsOf(text: string | undefined): number {
  if (text === undefined || !/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text))
    throw wrong(`'${text ?? ''}' is no number of flags`);
  const value = Number(text);
  if (value > 0xffff_ffff) throw wrong(`'${text}' is no number of flags`);
  return value;
}

function describe({ flags, drivers }: VerifierSettings): string[] {
  const level = `Verifier flags: 0x${flags.toString(16).padStart(8, '0')}`;
  if (drivers === 'all') return [level, 'Verified drivers: all'];
  return [level, drivers.length === 0 ? 'Verified drivers: none' : `Verified drivers: ${drivers.join(', ')}`];
}
