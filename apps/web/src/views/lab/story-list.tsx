import { useState } from 'preact/hooks';
import type { ScenarioFact } from '../../protocol/lab.ts';

interface StoryListProps {
  readonly stories: readonly ScenarioFact[];
  readonly chosen: string;
  readonly onChoose: (name: string) => void;
}

/** All stories; their names do not tell more than the story does. */
export function StoryList({ stories, chosen, onChoose }: StoryListProps) {
  const [filter, setFilter] = useState('');
  const shown = stories.filter(({ name, title }) =>
    `${name} ${title}`.toLowerCase().includes(filter.toLowerCase()),
  );
  return (
    <div class="stories">
      <input
        type="search"
        name="filter"
        placeholder="Stories"
        aria-label="Show stories that hold"
        value={filter}
        onInput={(event) => setFilter(event.currentTarget.value)}
      />
      <ul>
        {shown.map(({ name, title, difficulty }) => (
          <li key={name}>
            <button type="button" aria-pressed={name === chosen} onClick={() => onChoose(name)}>
              <span>{title}</span>
              <span class="dim small">
                {name} · {difficulty}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
