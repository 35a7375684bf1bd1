import type { Report } from '@poolscope/engine';
import type { Page } from 'playwright-core';

/** The page as a user works with it. */
export class PageDriver {
  readonly page: Page;
  /** Addresses that the page or its workers asked for. */
  readonly requests: string[] = [];
  /** What went wrong in its scripts. */
  readonly errors: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('request', (request) => this.requests.push(request.url()));
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }

  /** Gives the page a file; resolves when the verdict is there. */
  async open(path: string): Promise<void> {
    await this.page.locator('input[name=dump]').first().setInputFiles(path);
    await this.page.locator('nav').waitFor();
  }

  async close(): Promise<void> {
    await this.page.locator('summary', { hasText: 'Open' }).click();
    await this.page.getByRole('button', { name: 'Close this dump' }).click();
  }

  /** The report as the page saves it. */
  async report(): Promise<Report> {
    await this.page.locator('summary', { hasText: 'Report' }).click();
    const saved = this.page.waitForEvent('download');
    await this.page.getByRole('button', { name: 'Save as JSON' }).click();
    let text = '';
    for await (const piece of await (await saved).createReadStream()) text += String(piece);
    return JSON.parse(text) as Report;
  }

  async show(view: string): Promise<void> {
    await this.page.evaluate((hash) => {
      (globalThis as unknown as { location: { hash: string } }).location.hash = hash;
    }, `#/${view}`);
  }

  async type(command: string): Promise<void> {
    await this.page.locator('#command').fill(command);
    await this.page.locator('#command').press('Enter');
  }

  /** Runs commands one after the other; what the console shows then, as text. */
  async transcript(commands: readonly string[]): Promise<string> {
    await this.page.getByRole('button', { name: 'Clear' }).click();
    for (const command of commands) await this.type(command);
    // Commands run in turn: when this one has answered, all have.
    await this.type('.echo all have run');
    await this.page.locator('.console-log .row', { hasText: /^all have run$/ }).waitFor();
    await this.page.getByRole('button', { name: 'Copy all' }).click();
    const text = await this.page.evaluate(() =>
      (
        globalThis as unknown as { navigator: { clipboard: { readText(): Promise<string> } } }
      ).navigator.clipboard.readText(),
    );
    return text.slice(0, text.lastIndexOf('kd> .echo all have run'));
  }
}
