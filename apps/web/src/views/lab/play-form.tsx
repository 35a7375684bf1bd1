import { useState } from 'preact/hooks';
import { amountText } from '../../app/progress.ts';
import type { LabDumpKind, PlayInput, ScenarioFact } from '../../protocol/lab.ts';
import type { ProgressFacts } from '../../protocol/messages.ts';

interface PlayFormProps {
  readonly story: ScenarioFact;
  readonly isPlaying: boolean;
  readonly progress: ProgressFacts | undefined;
  readonly onPlay: (input: PlayInput) => void;
  readonly onStop: () => void;
}

const kinds: readonly (readonly [LabDumpKind, string])[] = [
  ['bitmap-kernel', 'kernel dump'],
  ['bitmap-full', 'complete bitmap dump'],
  ['full', 'complete dump'],
  ['triage', 'small dump'],
];

/** How the machine is set up: Windows, Driver Verifier, special pool, chance. */
export function PlayForm({ story, isPlaying, progress, onPlay, onStop }: PlayFormProps) {
  const [build, setBuild] = useState(story.usualBuild);
  const [kind, setKind] = useState<LabDumpKind>('bitmap-kernel');
  const [seed, setSeed] = useState(1);
  const [verifier, setVerifier] = useState('');
  const [poolTag, setPoolTag] = useState('');
  const onSubmit = (event: Event) => {
    event.preventDefault();
    onPlay({
      name: story.name,
      kind,
      build,
      seed,
      ...(verifier.trim() === '' ? {} : { verifier: verifier.trim() }),
      ...(poolTag.trim() === '' ? {} : { poolTag: poolTag.trim() }),
    });
  };
  return (
    <form class="play-form" onSubmit={onSubmit}>
      <label>
        Windows build
        <select name="build" value={build} onChange={(event) => setBuild(Number(event.currentTarget.value))}>
          {story.builds.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <label>
        Dump
        <select
          name="kind"
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as LabDumpKind)}
        >
          {kinds.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        Seed
        <input
          name="seed"
          type="number"
          min={1}
          max={999_999}
          value={seed}
          onInput={(event) => setSeed(Math.max(1, Number(event.currentTarget.value) || 1))}
        />
      </label>
      <label class="long">
        Driver Verifier
        <input
          name="verifier"
          class="mono"
          placeholder={story.isWatched ? 'as the story has it' : '/flags 1 /driver myfault.sys'}
          value={verifier}
          onInput={(event) => setVerifier(event.currentTarget.value)}
        />
      </label>
      <label>
        Special pool for tag
        <input
          name="pool-tag"
          class="mono"
          placeholder="a tag or size"
          value={poolTag}
          onInput={(event) => setPoolTag(event.currentTarget.value)}
        />
      </label>
      <div class="play-buttons">
        <button type="submit" class="primary" disabled={isPlaying}>
          Play until it crashes
        </button>
        {isPlaying && (
          <>
            <button type="button" onClick={onStop}>
              Stop
            </button>
            <span class="dim" role="status">
              {progress === undefined ? 'the machine starts' : `${progress.what} ${amountText(progress)}`}
            </span>
          </>
        )}
      </div>
    </form>
  );
}
