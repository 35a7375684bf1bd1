import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../app/app-context.ts';
import { takeFiles } from './take-files.ts';

/** The whole window takes files that are dropped on it. */
export function DropArea({ children }: { readonly children: ComponentChildren }) {
  const app = useApp();
  const [isOver, setOver] = useState(false);
  const onDragOver = (event: DragEvent) => {
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    setOver(true);
  };
  const onDragLeave = (event: DragEvent) => {
    if (event.relatedTarget === null) setOver(false);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void takeFiles(app, [...(event.dataTransfer?.files ?? [])]);
  };
  return (
    <div class="drop-area" onDragOver={onDragOver} onDragLeave={onDragLeave} onDrop={onDrop}>
      {children}
      {isOver && (
        <div class="drop-here" aria-hidden="true">
          <p>Drop a dump, symbols (.pdb, ISF, profile) or a pooltag.txt</p>
        </div>
      )}
    </div>
  );
}
