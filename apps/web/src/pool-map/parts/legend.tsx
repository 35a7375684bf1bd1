import { CensusPage, CensusPart } from '@poolscope/engine';
import type { ReadonlySignal } from '@preact/signals';
import type { MapController } from '../map-controller.ts';
import type { MapState } from '../map-state.ts';
import type { PoolMapData } from '../model/pool-map-data.ts';
import { cellsZoom } from '../model/zoom.ts';

interface Mark {
  readonly name: string;
  readonly text: string;
  readonly isOn: (data: PoolMapData) => boolean;
}

const guard: Mark = { name: 'guard', text: 'guard page', isOn: (data) => data.hasPage(CensusPage.guard) };

const pageMarks: readonly Mark[] = [
  {
    name: 'used',
    text: 'small blocks, the stronger the more in use',
    isOn: (data) => data.hasPage(CensusPage.whole, CensusPage.damaged, CensusPage.incomplete),
  },
  { name: 'large', text: 'large allocations', isOn: (data) => data.hasPage(CensusPage.large) },
  { name: 'special', text: 'special pool', isOn: (data) => data.hasPage(CensusPage.special) },
  guard,
  { name: 'hot', text: 'damage', isOn: ({ counts }) => counts.damagedPages > 0 },
  {
    name: 'other',
    text: 'no blocks that can be told',
    isOn: (data) => data.hasPage(CensusPage.unrecognized, CensusPage.manager),
  },
  { name: 'unreadable', text: 'not in the dump', isOn: (data) => data.hasPage(CensusPage.unreadable) },
];

const blockMarks: readonly Mark[] = [
  { name: 'tag', text: 'in use, coloured by tag', isOn: (data) => data.hasPart(CensusPart.allocated) },
  { name: 'free', text: 'free', isOn: (data) => data.hasPart(CensusPart.free) },
  {
    name: 'aside',
    text: 'freed, kept for later',
    isOn: (data) => data.hasPart(CensusPart.lookaside, CensusPart.deferred, CensusPart.aside),
  },
  { name: 'damage', text: 'damage', isOn: ({ counts }) => counts.damagedPages > 0 },
  { name: 'slop', text: 'slop', isOn: (data) => data.hasPart(CensusPart.slop) },
  guard,
  {
    name: 'unreadable',
    text: 'not in the dump',
    isOn: (data) => data.hasPage(CensusPage.unreadable) || data.hasPart(CensusPart.missing),
  },
];

interface LegendProps {
  readonly controller: MapController;
  readonly map: ReadonlySignal<MapState>;
}

/** What the colours and patterns stand for at this zoom: of those that occur. */
export function Legend({ controller, map }: LegendProps) {
  const { data } = map.value;
  const marks = controller.level.value <= cellsZoom ? pageMarks : blockMarks;
  return (
    <ul class="pool-legend" aria-label="Legend">
      {marks
        .filter(({ isOn }) => isOn(data))
        .map(({ name, text }) => (
          <li key={name}>
            <i class={`pool-mark pool-mark-${name}`} aria-hidden="true" />
            {text}
          </li>
        ))}
    </ul>
  );
}
