import { useEffect, useMemo, useState } from 'preact/hooks';
import { CallError } from '../../link/worker-link.ts';
import { Empty, ErrorNote } from '../../parts/states.tsx';
import type { Played, PlayInput, ScenarioFact } from '../../protocol/lab.ts';
import type { ErrorFacts, ProgressFacts } from '../../protocol/messages.ts';
import { playScenario, scenarioList, stopLab } from './lab-link.ts';
import { PlayForm } from './play-form.tsx';
import { PlayedCrash } from './played-crash.tsx';
import { StoryList } from './story-list.tsx';

/** What the lab is doing. */
type Stage =
  | { readonly kind: 'choosing' }
  | { readonly kind: 'playing'; readonly progress: ProgressFacts | undefined }
  | { readonly kind: 'failed'; readonly error: ErrorFacts }
  | { readonly kind: 'played'; readonly played: Played };

/** A machine that crashes on demand: choose a story and how the machine is watched, play it, look at what is left. */
export function LabView() {
  const [stories, setStories] = useState<readonly ScenarioFact[]>([]);
  const [name, setName] = useState('article-1');
  const [stage, setStage] = useState<Stage>({ kind: 'choosing' });
  useEffect(() => {
    scenarioList().then(setStories, (error: unknown) => setStage({ kind: 'failed', error: factsOf(error) }));
  }, []);
  const story = useMemo(() => stories.find((each) => each.name === name), [stories, name]);
  const play = async (input: PlayInput) => {
    setStage({ kind: 'playing', progress: undefined });
    try {
      const played = await playScenario(input, (progress) => setStage({ kind: 'playing', progress }));
      setStage({ kind: 'played', played });
    } catch (error) {
      setStage({ kind: 'failed', error: factsOf(error) });
    }
  };
  const choose = (next: string) => {
    setName(next);
    setStage({ kind: 'choosing' });
  };
  return (
    <div class="view wide lab">
      <h1>The lab</h1>
      <p class="lead">
        A simulated machine of Windows runs real machine code of a driver with a planted fault until it stops,
        and writes its dump in the real format. What happened is known, so that verdicts can be checked.
      </p>
      <div class="lab-columns">
        <StoryList stories={stories} chosen={name} onChoose={choose} />
        <div>
          {story === undefined ? (
            stories.length > 0 && <Empty>Choose a story.</Empty>
          ) : (
            <>
              <h2 class="story-title">{story.title}</h2>
              <p>{story.story}</p>
              <PlayForm
                key={story.name}
                story={story}
                isPlaying={stage.kind === 'playing'}
                progress={stage.kind === 'playing' ? stage.progress : undefined}
                onPlay={(input) => void play(input)}
                onStop={stopLab}
              />
            </>
          )}
          {stage.kind === 'failed' && <ErrorNote error={stage.error} />}
          {stage.kind === 'played' && <PlayedCrash played={stage.played} />}
        </div>
      </div>
    </div>
  );
}

const factsOf = (error: unknown): ErrorFacts =>
  error instanceof CallError ? error.facts : { code: 'BUG', message: String(error), remedy: '' };
