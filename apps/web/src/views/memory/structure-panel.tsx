import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../../app/app-context.ts';
import { linkTo } from '../../app/route.ts';
import { useCall } from '../../app/use-call.ts';
import type { AddressRange } from '../../console/damaged-text.ts';
import { Answer } from '../../parts/states.tsx';
import type { FieldFact, StructureView } from '../../protocol/views.ts';

interface StructurePanelProps {
  readonly address: bigint;
  /** Is it in pool? Then a header may begin there. */
  readonly isPool: boolean;
  readonly onHighlight: (range: AddressRange | undefined) => void;
}

/** A structure at the address: its members and what they hold; the one under the pointer stands out in the bytes. */
export function StructurePanel({ address, isPool, onHighlight }: StructurePanelProps) {
  const [name, setName] = useState(isPool ? '_POOL_HEADER' : '');
  const [typed, setTyped] = useState(name);
  const asked = useCall('structure', name === '' ? undefined : { name, address }, `${name} ${address}`);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    setName(typed.trim());
  };
  useEffect(() => () => onHighlight(undefined), []);
  return (
    <section class="structure" aria-label="Structure">
      <form onSubmit={onSubmit}>
        <label>
          <span class="dim">as</span>{' '}
          <input
            name="structure"
            list="structures"
            class="mono"
            placeholder="a structure: _IRP"
            value={typed}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>{' '}
        <button type="submit">Show</button>
      </form>
      <Names typed={typed} />
      {name !== '' && (
        <Answer asked={asked}>{(view) => <Fields view={view} onHighlight={onHighlight} />}</Answer>
      )}
    </section>
  );
}

/** What may be meant. */
function Names({ typed }: { readonly typed: string }) {
  const app = useApp();
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    let isWanted = true;
    const ask = async () => {
      // Without symbols there may be no names at all: the field works without them.
      const found = await app.call('structureNames', { typed }).catch(() => []);
      if (isWanted) setNames(found);
    };
    void ask();
    return () => {
      isWanted = false;
    };
  }, [typed]);
  return (
    <datalist id="structures">
      {names.map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}

function Fields({
  view,
  onHighlight,
}: { readonly view: StructureView } & Pick<StructurePanelProps, 'onHighlight'>) {
  const { address, size, source, exact, fields, name } = view;
  const show = ({ offset, size: bytes }: FieldFact) =>
    onHighlight({ start: address + BigInt(offset), end: address + BigInt(offset + Math.max(1, bytes)) });
  return (
    <>
      <p class="dim small">
        {name}, 0x{size.toString(16)} bytes; {source}
        {exact ? '' : ', not of this very build'}
      </p>
      <table class="grid fields">
        <tbody onMouseLeave={() => onHighlight(undefined)}>
          {fields.map((field, index) => (
            <tr key={index} onMouseEnter={() => show(field)} onFocusCapture={() => show(field)}>
              <td class="mono dim">+{field.offset.toString(16).padStart(3, '0')}</td>
              <td>{field.name}</td>
              <td class="mono">
                {field.target === undefined ? (
                  field.value
                ) : (
                  <a class="to" href={linkTo('memory', field.target)}>
                    {field.value}
                  </a>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
