import { effect, signal } from '@preact/signals';

/** `system` follows the browser. */
export type Theme = 'system' | 'light' | 'dark';

const key = 'poolscope.theme';

function stored(): Theme {
  try {
    const text = localStorage.getItem(key);
    return text === 'light' || text === 'dark' ? text : 'system';
  } catch {
    return 'system';
  }
}

export const theme = signal<Theme>(stored());

effect(() => {
  const { value } = theme;
  if (value === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = value;
  try {
    if (value === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing shows its own theme the next time.
  }
});

const isDark = (): boolean =>
  theme.value === 'dark' || (theme.value === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);

/** The other one than is shown now. */
export function toggleTheme(): void {
  theme.value = isDark() ? 'light' : 'dark';
}
