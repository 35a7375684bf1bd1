import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Chromium for the tests of the page: one that is installed, or the reason why there is none. */

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'chrome',
];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Nothing is fetched and nothing is kept: a browser of the tests speaks to their own server only. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const howToInstall =
  'no Chromium was found: install one ("apt install chromium", or "npx playwright-core install chromium"), or name it in CHROMIUM_PATH';

/** Path of a browser; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') return existsSync(named) ? named : undefined;
  const folders = (process.env['PATH'] ?? '').split(process.platform === 'win32' ? ';' : ':');
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...places, chromium.executablePath()].find((path) => path !== '' && existsSync(path));
}

/** A browser in processes of its own, with a new profile. */
export const startBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: flags, headless: true });

/** Resident bytes of the browser's processes that show pages; undefined where the system does not tell. */
export function pageMemory(): number | undefined {
  if (!existsSync('/proc/self/status')) return undefined;
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(processFacts)
    .filter((each) => each !== undefined);
  const ours = new Set([process.pid]);
  for (let grown = true; grown; ) {
    const more = all.filter(({ id, parent }) => ours.has(parent) && !ours.has(id));
    for (const { id } of more) ours.add(id);
    grown = more.length > 0;
  }
  const pages = all.filter(({ id, isPage }) => ours.has(id) && isPage);
  return pages.reduce((sum, { resident }) => sum + resident, 0);
}

interface ProcessFacts {
  readonly id: number;
  readonly parent: number;
  readonly resident: number;
  readonly isPage: boolean;
}

function processFacts(name: string): ProcessFacts | undefined {
  try {
    const status = readFileSync(`/proc/${name}/status`, 'utf8');
    const value = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    const isPage = readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('--type=renderer');
    return { id: Number(name), parent: value('PPid'), resident: value('VmRSS') * 1024, isPage };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
