import { useState } from 'preact/hooks';
import { useApp } from '../../app/app-context.ts';
import { linkTo } from '../../app/route.ts';
import { useCall } from '../../app/use-call.ts';
import { addressText } from '../../app/words.ts';
import { lineToText } from '../../console/line-text.ts';
import { AddressForm } from '../../parts/address-form.tsx';
import { LineView } from '../../parts/line-view.tsx';
import { Answer, Empty } from '../../parts/states.tsx';
import type { CodeView as CodeFacts } from '../../protocol/views.ts';

const step = 24;

/** Instructions around an address. */
export function CodeView() {
  const app = useApp();
  const { at } = app.route.value;
  const [before, setBefore] = useState(12);
  const [after, setAfter] = useState(40);
  const expression = at === '' ? (app.report.value?.fault?.ip ?? '@$ip') : at;
  const asked = useCall('code', { expression, before, after }, `${expression} ${before} ${after}`);
  return (
    <div class="view wide code">
      <div class="memory-head">
        <h1>Code</h1>
        <AddressForm view="code" at={at} />
      </div>
      <Answer asked={asked}>
        {(view) => (
          <>
            <p class="sub">
              <button type="button" class="quiet" onClick={() => setBefore(before + step)}>
                ▴ more before
              </button>{' '}
              <a href={linkTo('memory', view.address)}>as bytes</a>
            </p>
            <Listing view={view} />
            <button type="button" class="quiet" onClick={() => setAfter(after + step)}>
              ▾ more
            </button>
          </>
        )}
      </Answer>
      {asked.state === 'failed' && (
        <Empty>Code that is not in the dump can be read from the image's own file: drop the .sys.</Empty>
      )}
    </div>
  );
}

function Listing({ view }: { readonly view: CodeFacts }) {
  const app = useApp();
  const here = addressText(view.address, app.opened.value?.pointerSize ?? 8);
  const isHere = (text: string) => text.replace('`', '').startsWith(here);
  const lines = [...view.before, ...view.after];
  return (
    <pre class="lines listing">
      {lines.map((line, index) => {
        const isCurrent = isHere(lineToText(line));
        return (
          <div
            key={index}
            class={isCurrent ? 'current' : ''}
            aria-current={isCurrent ? 'location' : undefined}
          >
            <LineView line={line} />
          </div>
        );
      })}
    </pre>
  );
}
