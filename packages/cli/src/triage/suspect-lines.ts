import type { FleetSuspect, Ranking } from '@poolscope/triage';
import { many } from './run-reporter.ts';

/** Suspects of a bucket or of the whole fleet as text, each with its reasons; at most `most` of them. */
export function suspectLines({ suspects }: Ranking, most = suspects.length): string[] {
  if (suspects.length === 0) return ['No suspects: nothing tells these dumps from the others.'];
  const lines = suspects
    .slice(0, most)
    .flatMap((suspect) => [headOf(suspect), ...suspect.reasons.map((reason) => `         ${reason}`)]);
  return ['Suspects', ...lines];
}

function headOf({ what, module, probability, accused, versions }: FleetSuspect): string {
  // No number of crashes makes anything certain.
  const percent = Math.min(99, Math.round(probability * 100)).toString();
  const name = what === 'memory' ? 'memory of the machines, not a driver' : (module ?? '?');
  const which = versions.length > 0 ? ` (${versions.join(', ')})` : '';
  return `${percent.padStart(4)} %  ${name}${which}${accused ? '' : '  not enough to accuse'}`;
}

/** Tags in front of the damage, and texts in it, that recur on several machines. */
export const recurrenceLines = ({ recurrences }: Ranking): string[] =>
  recurrences.slice(0, mostRecurrences).map(({ what, value, crashes, machines, module, named }) => {
    const thing = what === 'tag' ? `Tag before the damage: ${value}` : `Text in the damage: "${value}"`;
    const who = module === null ? 'none of them names a driver' : `${named} of them name ${module}`;
    return `${thing}, in ${many(crashes, 'dump')} of ${many(machines, 'machine')}; ${who}`;
  });

const mostRecurrences = 8;

/** Suspects of all crashes by damaged pool, below the table of buckets. */
export function fleetLines(ranking: Ranking): string[] {
  const { crashes, machines, others, suspects } = ranking;
  const accused = suspects.filter((each) => each.accused).length;
  const shown = Math.max(1, Math.min(accused, mostAccused));
  const beside = others > 0 ? `, beside ${many(others, 'other')}` : '';
  return [
    `All buckets of damaged pool together: ${many(crashes, 'dump')} of ${many(machines, 'machine')}${beside}.`,
    ...suspectLines(ranking, shown),
  ];
}

const mostAccused = 4;
