import { DebuggerError } from '@poolscope/engine';
import {
  type Machine,
  type PlayOptions,
  playableBuilds,
  playScenario,
  poolTagValue,
  type Scenario,
  type VerifierSettings,
  verifierCommand,
  verifierOff,
} from '@poolscope/lab';
import { UsageError } from '../usage-error.ts';

/** Options that say on which machine a scenario is played. */
export interface MachineFlags {
  readonly windows?: number;
  readonly seed?: number;
  readonly verifier?: string;
  readonly poolTag?: string;
}

/** What the lab plays with; a build that it has not is refused with those that it has. */
export function playOptions({ windows, seed, verifier, poolTag }: MachineFlags): PlayOptions {
  if (windows !== undefined && !playableBuilds.includes(windows))
    throw new UsageError(
      `the lab has no Windows build ${windows}`,
      `It has ${playableBuilds.join(', ')}; without --windows it is 9200, or 19041 for a story of a segment heap.`,
    );
  return {
    ...(seed === undefined ? {} : { seed }),
    ...(windows === undefined ? {} : { build: windows }),
    ...(verifier === undefined ? {} : { verifier: verifierSettings(verifier, windows) }),
    ...(poolTag === undefined ? {} : { specialPool: { poolTag: poolTagValue(poolTag) } }),
  };
}

/** The settings that the machine is started with after a command of verifier.exe. */
const verifierSettings = (line: string, build = 9200): VerifierSettings =>
  verifierCommand(line, { settings: verifierOff, build }).settings;

/**
 * Plays a scenario. Driver Verifier or special pool may stop a machine before its story has got anywhere: that is no fault
 * of the program, but there is no truth to tell of such a machine.
 */
export function play(scenario: Scenario, options: PlayOptions): Machine {
  if (options.verifier === undefined && options.specialPool === undefined)
    return playScenario(scenario, options);
  try {
    return playScenario(scenario, options);
  } catch (cause) {
    if (cause instanceof DebuggerError) throw cause;
    throw new UsageError(
      `${scenario.name} does not come to its end on a machine that is watched like this`,
      'Choose other settings for --verifier or --pool-tag.',
    );
  }
}
