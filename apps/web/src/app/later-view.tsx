import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Empty } from '../parts/states.tsx';

type View = () => JSX.Element | null;

type Loaded = { readonly View: View } | { readonly problem: string };

/** A view whose code is loaded when it is first shown: the first load is for the verdict. */
export function laterView(load: () => Promise<View>): View {
  let known: Loaded | undefined;
  return function Later() {
    const [loaded, setLoaded] = useState(known);
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (View) => setLoaded((known = { View })),
        (error: unknown) => setLoaded({ problem: String(error) }),
      );
    }, []);
    if (loaded === undefined) return <div class="view waiting" />;
    return 'View' in loaded ? (
      <loaded.View />
    ) : (
      <Empty>This part of the page could not be loaded: {loaded.problem}</Empty>
    );
  };
}
