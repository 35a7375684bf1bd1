import type { ComponentChildren } from 'preact';

interface FileButtonProps {
  readonly children: ComponentChildren;
  readonly onFiles: (files: readonly File[]) => void;
  readonly accept?: string;
  readonly multiple?: boolean;
  readonly class?: string;
  readonly name: string;
}

/** A button that lets the user choose files. */
export function FileButton({ children, onFiles, accept, multiple = false, name, ...rest }: FileButtonProps) {
  const onChange = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    onFiles([...(input.files ?? [])]);
    // The same file may be chosen again.
    input.value = '';
  };
  return (
    <label class={`file-button ${rest.class ?? ''}`}>
      {children}
      <input type="file" name={name} multiple={multiple} accept={accept} onChange={onChange} />
    </label>
  );
}
