// A dump opened in a browser page. The engine runs in a worker, because reading a file piece by piece is only allowed there.
// Bundle it with whatever you use; with Vite: npx vite build examples/browser

const answer = /** @type {HTMLElement} */ (document.getElementById('answer'));
const worker = new Worker(new URL('worker.mjs', import.meta.url), { type: 'module' });
worker.addEventListener('message', ({ data }) => {
  answer.textContent = data;
});

document.getElementById('file')?.addEventListener('change', ({ target }) => {
  const [file] = /** @type {HTMLInputElement} */ (target).files ?? [];
  if (file === undefined) return;
  answer.textContent = 'reading ...';
  worker.postMessage(file);
});
