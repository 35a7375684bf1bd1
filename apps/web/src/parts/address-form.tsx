import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app/app-context.ts';
import type { ViewName } from '../app/route.ts';

/** Where to go: an address, a register, a symbol, any expression of the debugger. */
export function AddressForm({ view, at }: { readonly view: ViewName; readonly at: string }) {
  const app = useApp();
  const [text, setText] = useState(at);
  useEffect(() => setText(at), [at]);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    app.go(view, text.trim());
  };
  return (
    <form class="address-form" onSubmit={onSubmit}>
      <input
        name="address"
        class="mono"
        aria-label="Address or expression"
        placeholder="address, @rsp, nt!Name+10"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit">Go</button>
    </form>
  );
}
