import { type Signal, signal } from '@preact/signals';
import type { App } from '../../app/app-model.ts';
import { CallError } from '../../link/worker-link.ts';
import { emptyMap, finished, type MapState, withPieces } from '../../pool-map/index.ts';
import type { ErrorFacts } from '../../protocol/messages.ts';

/** The map of the dump that is open: it is walked once, and kept while other views are shown. */
export class MapStore {
  readonly map: Signal<MapState> = signal(emptyMap());
  readonly error = signal<ErrorFacts | undefined>(undefined);
  readonly generation: number;
  readonly #stop = new AbortController();

  constructor(app: App) {
    this.generation = app.generation.value;
    void this.#fill(app);
  }

  /** Nobody looks at it any more. */
  leave(): void {
    this.#stop.abort();
  }

  async #fill(app: App): Promise<void> {
    try {
      const end = await app.call('poolMap', null, {
        signal: this.#stop.signal,
        onEvent: (pieces) => {
          this.map.value = withPieces(this.map.value, pieces);
        },
      });
      this.map.value = finished(this.map.value, end);
    } catch (error) {
      const facts = error instanceof CallError ? error.facts : undefined;
      this.error.value = facts ?? { code: 'BUG', message: String(error), remedy: '' };
    }
  }
}

let store: MapStore | undefined;

/** The store of what is open now. */
export function mapStore(app: App): MapStore {
  if (store?.generation === app.generation.value) return store;
  store?.leave();
  store = new MapStore(app);
  return store;
}
