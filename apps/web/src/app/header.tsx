import { hasFleet } from '../fleet/fleet-link.ts';
import { OpenMenu } from '../open/open-menu.tsx';
import { ReportMenu } from '../open/report-menu.tsx';
import { useApp } from './app-context.ts';
import { Privacy } from './privacy.tsx';
import { sizeText } from './progress.ts';
import { linkTo } from './route.ts';
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
          <span key="facts" class="dim facts">
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
        <>
          <span key="motto" class="dim facts">
            who corrupted kernel pool memory
          </span>
          {hasFleet && <a href={linkTo('fleet')}>Fleet</a>}
        </>
      )}
      <span class="grow" />
      <span class="busy" role="status">
        {app.busy.value}
      </span>
      {isOpen && <ReportMenu />}
      {isOpen && <OpenMenu />}
      <Privacy />
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
