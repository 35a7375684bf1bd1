import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { x64CoreProfiles, x64Profiles } from '@poolscope/engine/layouts';
import { describe, expect, it, vi } from 'vitest';

const source = fileURLToPath(new URL('.', import.meta.url));

/** Names of structures that the lab's sources ask for; program databases hold all that there are. */
function namesInSources(): Set<string> {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/(^|[\\/])pdb[\\/]/.test(file),
  );
  const words = files.flatMap((file) => [
    ...readFileSync(source + file, 'utf8').matchAll(/(?<=['"`])_?[A-Z][A-Z0-9_]+/g),
  ]);
  return new Set(words.map(([word]) => word));
}

/** Structures that lie in a structure, by value. */
const inner = (name: string): string[] =>
  x64Profiles.flatMap((profile) => {
    const members = profile.structure(name)?.members ?? [];
    return members.filter(({ type }) => !type.startsWith('*')).map(({ type }) => type.replace(/[[:].*$/, ''));
  });

describe('what a page loads', () => {
  const known = new Set(x64Profiles.flatMap((profile) => profile.names()));

  it('has every structure that machines are made of', () => {
    const queue = [...namesInSources()].filter((name) => known.has(name));
    expect(queue.length).toBeGreaterThan(60);
    const asked = new Set<string>();
    for (const name of queue) {
      if (asked.has(name)) continue;
      asked.add(name);
      queue.push(...inner(name).filter((each) => known.has(each)));
    }
    const core = new Set(x64CoreProfiles.flatMap((profile) => profile.names()));
    expect([...asked].filter((name) => !core.has(name))).toEqual([]);
  });

  it('has them as the whole tables do, build by build', () => {
    for (const [index, core] of x64CoreProfiles.entries()) {
      const whole = x64Profiles[index]!;
      expect([core.version, core.isComplete]).toEqual([whole.version, whole.isComplete]);
      for (const name of core.names()) expect(core.structure(name)).toEqual(whole.structure(name));
    }
  });

  it('plays segment heaps after their part was loaded, and says so before', async () => {
    vi.resetModules();
    const page = await import('./page.ts');
    const story = page.heapScenarios[0]!;
    expect(() => page.playScenario(story)).toThrow(/not loaded/);
    await page.partsFor(9200);
    expect(() => page.playScenario(story)).toThrow(/not loaded/);
    await page.partsFor(page.usualBuild(story));
    const machine = page.playScenario(story);
    expect(machine.truth.scenario?.scenario).toBe(story.name);
    const classic = page.playScenario(page.scenarios.find(({ name }) => name === 'double-free')!);
    expect(page.dumpBytes(classic, { type: 'bitmap-kernel' }).length).toBeGreaterThan(1_000_000);
  });
});
