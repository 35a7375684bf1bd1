import { useRef } from 'preact/hooks';
import { useApp } from '../app/app-context.ts';
import { ServerForm } from '../symbol-server/server-form.tsx';
import { FileButton } from './file-button.tsx';
import { acceptedBesides, takeFiles } from './take-files.ts';

/** Another dump, symbols for this one, or none. */
export function OpenMenu() {
  const app = useApp();
  const menu = useRef<HTMLDetailsElement>(null);
  const take = (files: readonly File[]) => {
    menu.current?.removeAttribute('open');
    void takeFiles(app, files);
  };
  return (
    <details class="menu" ref={menu}>
      <summary>Open</summary>
      <div class="menu-items">
        <FileButton name="dump" onFiles={take} multiple>
          Another dump
        </FileButton>
        <FileButton name="besides" accept={acceptedBesides} multiple onFiles={take}>
          Symbols or pooltag.txt
        </FileButton>
        <button type="button" onClick={() => app.close()}>
          Close this dump
        </button>
        <ServerForm />
        {app.given.value.map(({ name, kind }) => (
          <p class="dim" key={name}>
            {name} ({kind})
          </p>
        ))}
      </div>
    </details>
  );
}
