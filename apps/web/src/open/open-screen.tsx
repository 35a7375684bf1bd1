import { useApp } from '../app/app-context.ts';
import { amountText } from '../app/progress.ts';
import { chosenServer } from '../symbol-server/choice.ts';
import { ServerForm } from '../symbol-server/server-form.tsx';
import { FileButton } from './file-button.tsx';
import { Samples } from './samples.tsx';
import { acceptedBesides, takeFiles } from './take-files.ts';

/** The page before a dump is open. */
export function OpenScreen() {
  const app = useApp();
  const phase = app.phase.value;
  if (phase.kind === 'opening') return <Opening />;
  const server = chosenServer();
  return (
    <div class="open-screen">
      {phase.kind === 'failed' && (
        <div class="note error" role="alert">
          <p>
            <b>{phase.name}</b> {phase.error.message}
          </p>
          <p class="dim">{phase.error.remedy}</p>
        </div>
      )}
      <h1>Drop a Windows crash dump here</h1>
      <p class="lead">
        poolscope reads it in this browser, says who corrupted kernel pool memory as far as the dump can tell,
        and shows the proof. Complete, kernel, automatic, active and small dumps of x64, x86 and arm64, of any
        size, also in .gz, .zip and .7z.
      </p>
      <p class="choose">
        <FileButton name="dump" class="primary" onFiles={(files) => void takeFiles(app, files)} multiple>
          Choose a dump
        </FileButton>
        <FileButton
          name="besides"
          accept={acceptedBesides}
          multiple
          onFiles={(files) => void takeFiles(app, files)}
        >
          Add symbols or a pooltag.txt
        </FileButton>
      </p>
      <Given />
      <p class="dim promise">
        Nothing is uploaded: the page may connect to nowhere but the place it came from
        {server === undefined ? '' : ` and ${server}, which is asked for symbols`}, and the browser enforces
        it.
      </p>
      <details class="ask-server" open={server !== undefined}>
        <summary>Symbols from a server</summary>
        <ServerForm />
      </details>
      <Samples />
    </div>
  );
}

/** Files that wait for a dump. */
function Given() {
  const app = useApp();
  const files = app.given.value;
  if (files.length === 0) return null;
  return (
    <ul class="given" aria-label="Files that will be used">
      {files.map(({ name, kind }) => (
        <li key={name}>
          {name} <span class="dim">{kind}</span>
        </li>
      ))}
    </ul>
  );
}

function Opening() {
  const app = useApp();
  const phase = app.phase.value;
  if (phase.kind !== 'opening') return null;
  const { name, progress } = phase;
  const share = progress?.total === undefined ? undefined : progress.done / Math.max(1, progress.total);
  return (
    <div class="open-screen opening" role="status">
      <h1>Opening {name}</h1>
      <progress value={share} max={1} aria-label="Progress" />
      <p class="dim">{progress === undefined ? 'starting' : `${progress.what} ${amountText(progress)}`}</p>
      <button type="button" onClick={() => app.cancelOpening()}>
        Cancel
      </button>
    </div>
  );
}
