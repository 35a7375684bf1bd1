import type { RefObject } from 'preact';
import type { MapController } from '../map-controller.ts';
import { bytesZoom, cellsZoom, lastZoom, pageZoom, rowsZoom } from '../model/zoom.ts';
import { countText } from '../words.ts';
import { SearchBox } from './search-box.tsx';

interface ToolBarProps {
  readonly controller: MapController;
  readonly damagedPages: number;
  readonly input: RefObject<HTMLInputElement | null>;
  readonly isList: boolean;
  readonly onList: () => void;
}

const levels = [
  { name: 'Pool', title: 'Every page a square', level: 0, until: cellsZoom },
  { name: 'Pages', title: 'Every page a row of its blocks', level: rowsZoom, until: rowsZoom + 1 },
  { name: 'Page', title: 'One page on several rows', level: pageZoom, until: pageZoom },
  { name: 'Bytes', title: 'Every byte with its value', level: bytesZoom, until: bytesZoom },
] as const;

/** Zoom, search, the way to the damage, and the list instead of the picture. */
export function ToolBar({ controller, damagedPages, input, isList, onList }: ToolBarProps) {
  const level = controller.level.value;
  const isAt = (index: number): boolean => {
    const before = levels[index - 1];
    return level <= levels[index]!.until && (before === undefined || level > before.until);
  };
  return (
    <div class="pool-tools" role="toolbar" aria-label="Pool map">
      <div class="pool-levels">
        {levels.map(({ name, title, level: to }, index) => (
          <button
            type="button"
            key={name}
            title={title}
            aria-pressed={isAt(index)}
            onClick={() => (index === 0 ? controller.fit() : controller.zoomTo(to))}
          >
            {name}
          </button>
        ))}
      </div>
      <div class="pool-zoom">
        <button
          type="button"
          aria-label="Zoom out"
          disabled={level === 0}
          onClick={() => controller.zoomBy(-1)}
        >
          −
        </button>
        <button
          type="button"
          aria-label="Zoom in"
          disabled={level === lastZoom}
          onClick={() => controller.zoomBy(1)}
        >
          +
        </button>
      </div>
      <SearchBox controller={controller} input={input} />
      <button
        type="button"
        class="pool-damage"
        disabled={damagedPages === 0}
        title="Next damage (n)"
        onClick={() => controller.nextDamage(1)}
      >
        {damagedPages === 0 ? 'no damage' : `${countText(damagedPages)} damaged`}
        {damagedPages > 0 && <span aria-hidden="true"> ↓</span>}
      </button>
      <button type="button" aria-pressed={isList} onClick={onList} title="The blocks as a table">
        List
      </button>
    </div>
  );
}
