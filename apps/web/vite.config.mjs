import { defineConfig } from 'vite';
import { icedModule } from './vite/iced-module.mjs';

/** @param {string} name */
const page = (name) => `${import.meta.dirname}/${name}`;

export default defineConfig({
  root: import.meta.dirname,
  // Any folder of any host.
  base: './',
  publicDir: false,
  clearScreen: false,
  plugins: [icedModule()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es', plugins: () => [icedModule()] },
  build: {
    outDir: 'dist/site',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 4096,
    // The second may ask a symbol server that its user typed in.
    rolldownOptions: { input: [page('index.html'), page('with-server.html')] },
  },
});
