import { useMemo, useState } from 'preact/hooks';
import { tagClass } from '../../parts/tag-colour.ts';
import type { LabStep, PageBlock, PoolCall } from '../../protocol/lab.ts';

const [width, height] = [640, 46];
const pageSize = 0x1000;
const mostCalls = 12;

interface StepPlayerProps {
  readonly steps: readonly LabStep[];
  readonly page: bigint | undefined;
}

/** The calls that the machine's process made of its drivers, one after the other, and the page of the story after each. */
export function StepPlayer({ steps, page }: StepPlayerProps) {
  const [at, setAt] = useState(steps.length - 1);
  const step = steps[at];
  const blocks = useMemo(() => blocksAt(steps, at), [steps, at]);
  const changes = useMemo(
    () => steps.flatMap((each, index) => (each.blocks === undefined ? [] : [index])),
    [steps],
  );
  if (step === undefined) return null;
  const to = (index: number | undefined) => {
    if (index !== undefined) setAt(Math.max(0, Math.min(steps.length - 1, index)));
  };
  return (
    <section class="steps" aria-label="Step by step">
      <h3>Step by step</h3>
      <div class="step-bar">
        <button type="button" class="quiet" disabled={at === 0} onClick={() => to(at - 1)}>
          ◂ step
        </button>
        <input
          type="range"
          name="step"
          min={0}
          max={steps.length - 1}
          value={at}
          aria-label="Call"
          onInput={(event) => to(Number(event.currentTarget.value))}
        />
        <button type="button" class="quiet" disabled={at === steps.length - 1} onClick={() => to(at + 1)}>
          step ▸
        </button>
        <button type="button" class="quiet" onClick={() => to(changes.findLast((index) => index < at))}>
          ◂ change of the page
        </button>
        <button type="button" class="quiet" onClick={() => to(changes.find((index) => index > at))}>
          change of the page ▸
        </button>
      </div>
      <p class="mono small step-text" role="status">
        {at + 1} of {steps.length}: {step.driver} control {step.code.toString(16)}, {step.inputBytes} bytes in
        {step.isLast ? ', and the machine stopped' : ''}
      </p>
      {page !== undefined && <PageDrawing page={page} blocks={blocks} />}
      <Calls calls={step.pool} />
    </section>
  );
}

/** As the last change before left the page. */
function blocksAt(steps: readonly LabStep[], at: number): readonly PageBlock[] {
  for (let index = at; index >= 0; index--) {
    const blocks = steps[index]?.blocks;
    if (blocks !== undefined) return blocks;
  }
  return [];
}

function PageDrawing({ page, blocks }: { readonly page: bigint; readonly blocks: readonly PageBlock[] }) {
  const scale = width / pageSize;
  return (
    <svg
      class="step-page"
      viewBox={`0 0 ${width} ${height + 16}`}
      role="img"
      aria-label={`Page ${page.toString(16)} with ${blocks.length} blocks`}
    >
      <text class="dim" x="0" y="11">
        page {page.toString(16)}
      </text>
      <rect class="lost" x="0.5" y="16" width={width - 1} height={height - 1} />
      {blocks.map(({ offset, size, tag, isFree }) => (
        <g key={offset}>
          <rect
            class={isFree ? 'free' : tagClass(tag)}
            x={Math.max(0, offset) * scale + 0.5}
            y="16.5"
            width={Math.max(1, Math.min(size, pageSize - Math.max(0, offset)) * scale - 1)}
            height={height - 2}
          >
            <title>
              +{offset.toString(16)} size {size.toString(16)} {isFree ? 'free' : tag}
            </title>
          </rect>
          {size * scale > tag.length * 7 + 4 && (
            <text class={isFree ? 'dim' : ''} x={(offset + size / 2) * scale} y="42" text-anchor="middle">
              {isFree ? 'free' : tag}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}

function Calls({ calls }: { readonly calls: readonly PoolCall[] }) {
  return (
    <ul class="calls mono small">
      {calls.length === 0 && <li class="dim">no call of the pool</li>}
      {calls.slice(0, mostCalls).map(({ kind, tag, bytes, address }, index) => (
        <li key={index}>
          {kind === 'allocate' ? `allocate ${(bytes ?? 0).toString(16)} bytes, tag ${tag ?? ''}` : 'free'} →{' '}
          {address.toString(16)}
        </li>
      ))}
      {calls.length > mostCalls && <li class="dim">and {calls.length - mostCalls} more</li>}
    </ul>
  );
}
