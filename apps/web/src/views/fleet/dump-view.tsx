import { useState } from 'preact/hooks';
import { useApp } from '../../app/app-context.ts';
import { linkTo } from '../../app/route.ts';
import { fetchDump } from '../../fleet/fleet-link.ts';
import { DumpHere } from '../../parts/dump-here.ts';
import type { StoredDump } from '../../protocol/fleet.ts';
import { ReportPage } from '../verdict/report-page.tsx';
import { timeText } from './dumps-table.tsx';
import { FromFleet } from './fleet-answer.tsx';

/** A dump of the fleet: its verdict out of the report that the server keeps; the file itself, where that is kept too. */
export function DumpView() {
  const { at } = useApp().route.value;
  return (
    <FromFleet<StoredDump> path={`dumps/${encodeURIComponent(at)}`}>
      {(dump) => (
        <>
          <Origin dump={dump} />
          <DumpHere.Provider value={false}>
            <ReportPage report={dump.report} />
          </DumpHere.Provider>
        </>
      )}
    </FromFleet>
  );
}

function Origin({ dump }: { readonly dump: StoredDump }) {
  const { bucket, machine, crashTime, source, kept = false } = dump;
  const facts = [machine ?? 'machine not known', timeText(crashTime)];
  return (
    <div class="origin">
      <p class="path">
        <a href={linkTo('fleet')}>Fleet</a> / <a href={linkTo('bucket', bucket)}>its bucket</a>
      </p>
      <p class="dim">
        {facts.join(' · ')}
        {source !== null && <span title={source}> · {shortSource(source)}</span>}
      </p>
      {kept ? (
        <OpenKept dump={dump} />
      ) : (
        <p class="dim">
          The server keeps the report of this dump and not the dump itself: commands, memory and the pool map
          need the file.
        </p>
      )}
    </div>
  );
}

/** `PC-050/40.dmp`: the end of a path or an address. */
const shortSource = (source: string): string => source.split(/[\\/]/).slice(-2).join('/');

/** The file comes to this browser and is read here. */
function OpenKept({ dump }: { readonly dump: StoredDump }) {
  const app = useApp();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const open = async (view: 'verdict' | 'pool') => {
    setBusy(true);
    setProblem('');
    try {
      const file = await fetchDump(dump.sha256);
      app.go(view);
      await app.open(file, dump.report.dump.path.replace(/^.*[/\\]/, ''));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <p>
      <button type="button" disabled={isBusy} onClick={() => void open('pool')}>
        Pool map
      </button>{' '}
      <button type="button" disabled={isBusy} onClick={() => void open('verdict')}>
        Open the dump
      </button>{' '}
      <span role="status" class={isBusy ? 'dim' : 'bad'}>
        {isBusy ? 'the file is on its way' : problem}
      </span>
    </p>
  );
}
