import { useApp } from '../../app/app-context.ts';
import { linkTo } from '../../app/route.ts';
import { useCall } from '../../app/use-call.ts';
import { LinesView } from '../../parts/lines-view.tsx';
import { Answer, Empty } from '../../parts/states.tsx';
import type { RegisterFact } from '../../protocol/views.ts';

const kinds = {
  context: 'a whole set, as it was saved',
  trap: 'from a trap frame: registers that are not listed were not saved in it',
  switch: 'of a thread that waits: only what its switch saved',
} as const;

/** The registers that the console works with: those of the crash until .cxr, .trap, .thread or ~s choose others. */
export function RegistersView() {
  const app = useApp();
  const asked = useCall('registers', null, app.console.ended.value);
  return (
    <div class="view wide">
      <h1>Registers</h1>
      <Answer asked={asked}>
        {({ kind, general, others, lines }) =>
          kind === undefined ? (
            <Empty>The dump holds no registers of the crash.</Empty>
          ) : (
            <>
              <p class="sub">{kinds[kind]}</p>
              <div class="registers">
                {general.map((fact) => (
                  <Register key={fact.name} fact={fact} />
                ))}
              </div>
              {others.length > 0 && (
                <p class="mono dim other-registers">
                  {others.map(({ name, value }) => `${name}=${value.toString(16)}`).join('  ')}
                </p>
              )}
              <h2>As the debugger shows them</h2>
              <LinesView lines={lines} />
            </>
          )
        }
      </Answer>
    </div>
  );
}

function Register({ fact }: { readonly fact: RegisterFact }) {
  const { name, value, width, near, isReadable } = fact;
  const text = value.toString(16).padStart(width * 2, '0');
  return (
    <div class="register">
      <b class="mono">{name}</b>
      {isReadable ? (
        <a class="to mono" href={linkTo(near === undefined ? 'memory' : 'code', value)}>
          {text}
        </a>
      ) : (
        <span class="mono">{text}</span>
      )}
      <span class="dim small">
        {near ?? (isText(value) ? `“${textOf(value)}”, text and no pointer` : '')}
      </span>
    </div>
  );
}

/** Eight letters in a row are a text that was taken for a pointer. */
function isText(value: bigint): boolean {
  return value > 0xffff_ffffn && /^[\x20-\x7e]+$/.test(textOf(value));
}

function textOf(value: bigint): string {
  let text = '';
  for (let rest = value; rest > 0n; rest >>= 8n) text += String.fromCharCode(Number(rest & 0xffn));
  return text;
}
