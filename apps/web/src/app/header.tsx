import { useRef } from 'preact/hooks';
import { OpenMenu } from '../open/open-menu.tsx';
import { ReportMenu } from '../open/report-menu.tsx';
import { useApp } from './app-context.ts';
import { sizeText } from './progress.ts';
import { toggleTheme } from './theme.ts';
import { formatName } from './words.ts';

/** What is open, in one line, and that it stays here. */
export function Header() {
  const app = useApp();
  const opened = app.opened.value;
  const report = app.report.value;
  const isOpen = app.phase.value.kind === 'open';
  return (
    <header>
      <a class="brand" href="#/verdict">
        {isOpen && opened !== undefined ? opened.name : 'poolscope'}
      </a>
      {isOpen && opened !== undefined && report !== undefined ? (
        <>
          <span class="dim facts">
            {[
              formatName(report.dump.format),
              `${report.dump.machine} build ${report.dump.build}`,
              sizeText(opened.size),
            ]
              .filter((fact) => fact !== '')
              .join(' · ')}
          </span>
          <a class="dim mono code-name" href="#/crash">
            {report.bugcheck.code.slice(2).toUpperCase()} {report.bugcheck.name}
          </a>
        </>
      ) : (
        <span class="dim facts">who corrupted kernel pool memory</span>
      )}
      <span class="grow" />
      <span class="busy" role="status">
        {app.busy.value}
      </span>
      <Privacy />
      {isOpen && <ReportMenu />}
      {isOpen && <OpenMenu />}
      <button
        type="button"
        class="icon"
        onClick={toggleTheme}
        aria-label="Dark or light"
        title="Dark or light"
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.4" />
          <path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z" fill="currentColor" />
        </svg>
      </button>
    </header>
  );
}

/** The promise, and what stands behind it. */
function Privacy() {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" class="privacy" onClick={() => dialog.current?.showModal()}>
        <span aria-hidden="true">● </span>
        <span class="long">nothing leaves this machine</span>
        <span class="short">stays here</span>
      </button>
      <dialog ref={dialog} aria-labelledby="privacy-title">
        <h2 id="privacy-title">Nothing is uploaded</h2>
        <p>
          The dump is read by this browser, in a worker of this page. The page has no server part that could
          take a file.
        </p>
        <p>
          Its Content-Security-Policy allows connections to the place the page came from and nowhere else, so
          the browser refuses every other one. You can read it in the page's source, and watch the network tab
          of your browser: after the page has loaded, only its own scripts and disassemblers are fetched.
        </p>
        <p>
          A report that you save holds what this page shows. “Without personal data” leaves out names of the
          machine, of users and processes, paths and the content of memory.
        </p>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </>
  );
}
