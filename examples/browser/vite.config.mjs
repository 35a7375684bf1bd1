import { icedModule } from '@poolscope/engine/bundler';

// The disassembler's library is made for Node; the plugin makes it one for browsers.
export default {
  root: import.meta.dirname,
  base: './',
  plugins: [icedModule()],
  worker: { format: 'es', plugins: () => [icedModule()] },
  build: { target: 'es2023' },
};
