import workerUrl from '../../lab/lab-worker.ts?worker&url';
import { WorkerLink } from '../../link/worker-link.ts';
import type { Played, PlayInput, ScenarioFact } from '../../protocol/lab.ts';
import type { ProgressFacts } from '../../protocol/messages.ts';

let link: WorkerLink | undefined;
let stories: Promise<readonly ScenarioFact[]> | undefined;

/** The lab's worker, which is started when it is first needed. */
function lab(): WorkerLink {
  link ??= new WorkerLink(workerUrl);
  return link;
}

export function scenarioList(): Promise<readonly ScenarioFact[]> {
  stories ??= lab().call('scenarios', null);
  return stories;
}

/** Plays a scenario to its bug check. Rejects with a CallError. */
export const playScenario = (
  input: PlayInput,
  onProgress?: (progress: ProgressFacts) => void,
): Promise<Played> => lab().call('play', input, onProgress === undefined ? {} : { onProgress });

/** Stops what the lab does, at once. */
export function stopLab(): void {
  link?.terminate();
  link = undefined;
}
