import { useState } from 'preact/hooks';
import { chooseServer, chosenServer, forgetServer } from './choice.ts';

/** Names a symbol server that the page may ask, or none again. Either loads the page anew: policies cannot be widened. */
export function ServerForm() {
  const server = chosenServer();
  const [typed, setTyped] = useState('');
  const [isWrong, setWrong] = useState(false);
  if (server !== undefined)
    return (
      <p class="server-form">
        <span>
          Symbols are asked of <b class="mono">{server}</b>
        </span>
        <button type="button" onClick={forgetServer}>
          Ask nobody
        </button>
      </p>
    );
  const choose = (event: Event) => {
    event.preventDefault();
    setWrong(!chooseServer(typed));
  };
  return (
    <form class="server-form" onSubmit={choose}>
      <label for="symbol-server">Symbol server</label>
      <input
        id="symbol-server"
        name="symbol-server"
        type="text"
        inputMode="url"
        autocomplete="off"
        spellcheck={false}
        placeholder="https://symbols.example/store"
        value={typed}
        aria-invalid={isWrong}
        aria-describedby="symbol-server-note"
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button type="submit">Allow it</button>
      <p id="symbol-server-note" class={isWrong ? 'bad' : 'dim'} role={isWrong ? 'alert' : undefined}>
        {isWrong
          ? 'That is no address of a server: it begins with https:// or http://.'
          : 'It is told names and versions of the modules on the stack. The page is loaded anew, and a dump has to be opened again.'}
      </p>
    </form>
  );
}
