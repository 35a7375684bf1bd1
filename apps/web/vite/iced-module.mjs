/** The plugin that makes iced-x86 a module for browsers: the engine has it, for other pages too. */
export { icedModule } from '@poolscope/engine/bundler';
