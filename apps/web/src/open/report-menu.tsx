import { useRef, useState } from 'preact/hooks';
import { useApp } from '../app/app-context.ts';
import { saveFile } from './save-file.ts';

/** The report as a file of its own, and a link to what is shown. */
export function ReportMenu() {
  const app = useApp();
  const menu = useRef<HTMLDetailsElement>(null);
  const [redact, setRedact] = useState(false);
  const [said, setSaid] = useState('');
  const name = redact ? 'report' : (app.opened.value?.name ?? 'report').replace(/\.[^.]*$/, '');
  const savePage = async () => {
    saveFile(await app.call('reportPage', { redact }), `${name}.html`, 'text/html');
    menu.current?.removeAttribute('open');
  };
  const saveJson = async () => {
    const report = await app.call('analyze', { redact });
    saveFile(`${JSON.stringify(report, null, 2)}\n`, `${name}.json`, 'application/json');
    menu.current?.removeAttribute('open');
  };
  const copyLink = async () => {
    await navigator.clipboard.writeText(location.href);
    setSaid('copied: it holds the view and the address, nothing of the dump');
  };
  return (
    <details class="menu" ref={menu}>
      <summary>Report</summary>
      <div class="menu-items">
        <button type="button" onClick={() => void savePage()}>
          Save as one HTML page
        </button>
        <button type="button" onClick={() => void saveJson()}>
          Save as JSON
        </button>
        <label class="check">
          <input
            type="checkbox"
            checked={redact}
            onChange={(event) => setRedact(event.currentTarget.checked)}
          />
          Without personal data
        </label>
        <button type="button" onClick={() => void copyLink()}>
          Copy a link to this view
        </button>
        {said !== '' && (
          <p class="dim" role="status">
            {said}
          </p>
        )}
      </div>
    </details>
  );
}
