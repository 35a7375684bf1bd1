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
  const [input, setInput] = useState<PlayInput>({
    name: story.name,
    build: story.usualBuild,
    kind: 'bitmap-kernel',
    seed: 1,
  });
  const onSubmit = (event: Event) => {
    event.preventDefault();
    onPlay(withoutBlanks(input));
  };
  return (
    <form class="play-form" onSubmit={onSubmit}>
      <MachineFields story={story} input={input} onInput={setInput} />
      <WatchFields story={story} input={input} onInput={setInput} />
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

/** A field that is left empty asks for nothing. */
function withoutBlanks({ verifier = '', poolTag = '', ...rest }: PlayInput): PlayInput {
  return {
    ...rest,
    ...(verifier.trim() === '' ? {} : { verifier: verifier.trim() }),
    ...(poolTag.trim() === '' ? {} : { poolTag: poolTag.trim() }),
  };
}

interface FieldsProps {
  readonly story: ScenarioFact;
  readonly input: PlayInput;
  readonly onInput: (input: PlayInput) => void;
}

function MachineFields({ story, input, onInput }: FieldsProps) {
  return (
    <>
      <label>
        Windows build
        <select
          name="build"
          value={input.build}
          onChange={(event) => onInput({ ...input, build: Number(event.currentTarget.value) })}
        >
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
          value={input.kind}
          onChange={(event) => onInput({ ...input, kind: event.currentTarget.value as LabDumpKind })}
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
          value={input.seed}
          onInput={(event) =>
            onInput({ ...input, seed: Math.max(1, Number(event.currentTarget.value) || 1) })
          }
        />
      </label>
    </>
  );
}

function WatchFields({ story, input, onInput }: FieldsProps) {
  return (
    <>
      <label class="long">
        Driver Verifier
        <input
          name="verifier"
          class="mono"
          placeholder={story.isWatched ? 'as the story has it' : '/flags 1 /driver myfault.sys'}
          value={input.verifier ?? ''}
          onInput={(event) => onInput({ ...input, verifier: event.currentTarget.value })}
        />
      </label>
      <label>
        Special pool for tag
        <input
          name="pool-tag"
          class="mono"
          placeholder="a tag or size"
          value={input.poolTag ?? ''}
          onInput={(event) => onInput({ ...input, poolTag: event.currentTarget.value })}
        />
      </label>
    </>
  );
}
