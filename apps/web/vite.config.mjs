import { defineConfig } from 'vite';
import { icedModule } from './vite/iced-module.mjs';

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
  },
});
