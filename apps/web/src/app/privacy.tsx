import { useRef } from 'preact/hooks';
import { hasFleet } from '../fleet/fleet-link.ts';
import { chosenServer } from '../symbol-server/choice.ts';

/** The promise, and what stands behind it. */
export function Privacy() {
  const dialog = useRef<HTMLDialogElement>(null);
  const server = chosenServer();
  return (
    <>
      <button type="button" class="privacy" onClick={() => dialog.current?.showModal()}>
        <span aria-hidden="true">● </span>
        {server === undefined ? (
          <>
            <span class="long">nothing leaves this machine</span>
            <span class="short">stays here</span>
          </>
        ) : (
          <>
            <span class="long">asks {new URL(server).host} for symbols</span>
            <span class="short">asks for symbols</span>
          </>
        )}
      </button>
      <dialog ref={dialog} aria-labelledby="privacy-title">
        <h2 id="privacy-title">Nothing is uploaded</h2>
        <p>
          The dump is read by this browser, in a worker of this page.{' '}
          {hasFleet
            ? 'The server of this page keeps reports of a fleet, which it was given in other ways; this page sends it no file.'
            : 'The page has no server part that could take a file.'}
        </p>
        {server === undefined ? <OnlyHere /> : <OneServer server={server} />}
        <p>
          A report that you save holds what this page shows. “Without personal data” leaves out names of the
          machine, of users and processes, paths and the content of memory.
        </p>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </>
  );
}

function OnlyHere() {
  return (
    <p>
      Its Content-Security-Policy allows connections to the place the page came from and nowhere else, so the
      browser refuses every other one. You can read it in the page's source, and watch the network tab of your
      browser: after the page has loaded, only its own scripts and disassemblers are fetched.
    </p>
  );
}

function OneServer({ server }: { readonly server: string }) {
  return (
    <p>
      You allowed <b class="mono">{server}</b>: it is asked for symbols of the kernel and of the modules on
      the stack, by their names and versions, and learns nothing else of the dump. The page's
      Content-Security-Policy allows connections to it and to the place the page came from, and the browser
      refuses every other one. This tab forgets the server when it is closed.
    </p>
  );
}
