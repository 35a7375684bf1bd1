import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserServer, chromium } from 'playwright-core';

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

/** A browser in a process of its own, with a new profile. */
export class TestBrowser {
  readonly browser: Browser;
  readonly #server: BrowserServer;
  readonly #profile: string;

  static async start(executablePath: string): Promise<TestBrowser> {
    const profile = mkdtempSync(join(tmpdir(), 'poolscope-browser-'));
    const args = [...flags, `--disk-cache-dir=${profile}`];
    const server = await chromium.launchServer({ executablePath, args, headless: true });
    const browser = await chromium.connect(server.wsEndpoint());
    return new TestBrowser(server, browser, profile);
  }

  private constructor(server: BrowserServer, browser: Browser, profile: string) {
    this.#server = server;
    this.browser = browser;
    this.#profile = profile;
  }

  /** Resident bytes of its processes that show pages; undefined where the system does not tell. */
  get pageMemory(): number | undefined {
    const root = this.#server.process().pid;
    if (root === undefined || !existsSync('/proc/self/status')) return undefined;
    const all = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(processFacts);
    const ours = new Set([root]);
    for (let grown = true; grown; ) {
      const more = all.filter((each) => each !== undefined && ours.has(each.parent) && !ours.has(each.id));
      for (const each of more) ours.add(each!.id);
      grown = more.length > 0;
    }
    const pages = all.filter((each) => each !== undefined && ours.has(each.id) && each.isPage);
    return pages.reduce((sum, each) => sum + each!.resident, 0);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.#server.close();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
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
