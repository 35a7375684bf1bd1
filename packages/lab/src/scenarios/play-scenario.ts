import { checkOption } from '../check-option.ts';
import type { Machine } from '../machine/machine.ts';
import { randomNumbers } from '../machine/pool-story.ts';
import { classicBuilds } from '../machine/profiles/classic.ts';
import { heapBuilds } from '../machine/profiles/heap.ts';
import { RunningMachine, type RunningOptions, SystemStopped } from '../run/index.ts';
import type { Scenario } from './scenario.ts';
import { ScenarioRun } from './scenario-run.ts';
import { goesOn, StoryError } from './story-error.ts';

/** How a scenario is played. */
export interface PlayOptions extends Omit<RunningOptions, 'drivers'> {
  /** The same seed, the same bytes; 1 when absent. */
  readonly seed?: number;
}

/** Builds of Windows on which scenarios are played. */
export const playableBuilds: readonly number[] = [...classicBuilds('x64'), ...heapBuilds('x64')];

const usualBuilds = { classic: 9200, heap: 19_041 } as const;

/** The build on which a scenario is played when none is asked for. */
export const usualBuild = ({ places, pool = 'classic' }: Scenario): number =>
  places?.build ?? usualBuilds[pool === 'heap' ? 'heap' : 'classic'];

/** Can the story happen on a build? */
export function suitsBuild({ places, pool = 'classic' }: Scenario, build: number): boolean {
  if (places !== undefined) return build === places.build;
  return pool === 'any' || (pool === 'heap') === heapBuilds('x64').includes(build);
}

/** Seeds that are tried before a story is given up; one in some hundred needs a second one. A watched pool has no say in it. */
const mostTries = 4;

/**
 * Plays a scenario to its bug check; its truth is in `truth.scenario`. Where the seed's numbers do not let the story happen,
 * others are taken that follow from it. Throws StoryError where none do: a pool that is watched may forbid it.
 */
export function playScenario(scenario: Scenario, { seed = 1, ...options }: PlayOptions = {}): Machine {
  const { places } = scenario;
  const { build = usualBuild(scenario) } = options;
  const fits = suitsBuild(scenario, build);
  checkOption(places === undefined || fits, `scenario ${scenario.name} is a story of build ${places?.build}`);
  checkOption(fits, `scenario ${scenario.name} is no story of build ${build}: its pool is another one`);
  const isWatched = options.verifier !== undefined || options.specialPool !== undefined;
  for (let tries = 1; ; tries++) {
    try {
      return playOnce(scenario, { ...options, build, seed: seed + (tries - 1) * 0x10_0000 });
    } catch (error) {
      if (!(error instanceof StoryError) || isWatched || tries === mostTries) throw error;
    }
  }
}

function playOnce(
  scenario: Scenario,
  { seed, ...options }: PlayOptions & Required<Pick<PlayOptions, 'build' | 'seed'>>,
): Machine {
  const { places, watch } = scenario;
  const drivers = scenario.drivers(randomNumbers(seed));
  const machine = new RunningMachine({
    ...(places && { places }),
    ...watch,
    ...options,
    bootSeed: seed,
    drivers,
  });
  const run = new ScenarioRun(machine, seed, drivers, scenario.culprit);
  try {
    scenario.run(run);
  } catch (error) {
    if (!(error instanceof SystemStopped)) throw error;
  }
  goesOn(machine.stopped, `the machine goes on after scenario ${scenario.name}`);
  const { truth } = run;
  const finished = machine.finish();
  const { code } = finished.bugCheck;
  goesOn(
    truth !== undefined,
    `scenario ${scenario.name} tells no truth before bug check ${code.toString(16)}`,
  );
  return { ...finished, truth: { ...finished.truth, scenario: { ...truth, scenario: scenario.name } } };
}
