import { useEffect, useState } from 'preact/hooks';

/** The styles have the same width where they change for phones. */
const narrow = matchMedia('(max-width: 760px)');

/** Is the window as narrow as a phone? */
export function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(narrow.matches);
  useEffect(() => {
    const change = () => setNarrow(narrow.matches);
    narrow.addEventListener('change', change);
    return () => narrow.removeEventListener('change', change);
  }, []);
  return isNarrow;
}
