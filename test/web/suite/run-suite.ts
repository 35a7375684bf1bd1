import { type File, startTests, type Task, type VitestRunner } from '@vitest/runner';

/** Runs test files in a worker, and tells the page how each of their tests ended. */

export interface TestOutcome {
  readonly file: string;
  readonly name: string;
  readonly state: string;
  /** Why it failed. */
  readonly errors: readonly string[];
}

type Load = () => Promise<unknown>;

/** The settings of vitest.config.ts that matter here; the rest as vitest has it. */
const config = {
  root: '/',
  name: 'worker',
  setupFiles: [],
  passWithNoTests: false,
  testNamePattern: undefined,
  allowOnly: false,
  sequence: { hooks: 'stack', setupFiles: 'list', shuffle: false, concurrent: false, seed: 1 },
  chaiConfig: undefined,
  maxConcurrency: 1,
  testTimeout: 120_000,
  hookTimeout: 120_000,
  retry: 0,
  includeTaskLocation: false,
  diffOptions: undefined,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
};

export async function runSuite(files: Readonly<Record<string, Load>>): Promise<TestOutcome[]> {
  const runner = {
    config,
    async importFile(path: string) {
      await files[path]?.();
    },
  } as unknown as VitestRunner;
  const done = await startTests(Object.keys(files), runner);
  return done.flatMap(outcomesOf);
}

/** A file that fails before it has tests is an outcome too. */
function outcomesOf(file: File): TestOutcome[] {
  const outcomes: TestOutcome[] = [];
  const visit = (task: Task, name: string): void => {
    const errors = (task.result?.errors ?? []).map(({ message, stack }) => `${message}\n${stack ?? ''}`);
    if (task.type === 'test' || errors.length > 0)
      outcomes.push({ file: file.filepath, name, state: task.result?.state ?? task.mode, errors });
    if (task.type === 'suite') for (const each of task.tasks) visit(each, `${name} > ${each.name}`);
  };
  visit(file, '');
  return outcomes;
}
