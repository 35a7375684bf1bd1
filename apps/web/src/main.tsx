import { signal } from '@preact/signals';
import { render } from 'preact';
import { WorkerLink } from './link/worker-link.ts';
import workerUrl from './worker/main.ts?worker&url';

const out = signal('empty');
const link = new WorkerLink(workerUrl);
async function open(file: File) {
  try {
    const o = await link.call('open', { file, name: file.name });
    const r = await link.call('analyze', {});
    out.value = r.verdict.summary + o.prompt;
  } catch (e) {
    out.value = 'ERR ' + (e as Error).message;
  }
}
render(
  <div>
    <input type="file" onChange={(e) => void open((e.target as HTMLInputElement).files![0]!)} />
    <p id="o">{out}</p>
  </div>,
  document.getElementById('app')!,
);
