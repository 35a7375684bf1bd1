import '../../../apps/web/src/styles/theme.css';
import '../../../apps/web/src/pool-map/pool-map.css';
import { MapCanvas } from '../../../apps/web/src/pool-map/map-canvas.ts';
import { emptyMap, finished, withPieces } from '../../../apps/web/src/pool-map/map-state.ts';
import { ViewState } from '../../../apps/web/src/pool-map/model/view-state.ts';
import { zoomSteps } from '../../../apps/web/src/pool-map/model/zoom.ts';
import { madeUpPool } from './made-up-pool.mjs';

/** A map of a made-up pool, which is panned at every zoom: `measure` gives the milliseconds of its main thread for a step. */

/** What a window of 1280 by 800 leaves for the picture. */
const [width, height] = [964, 702];

function open(pages) {
  const start = performance.now();
  let state = emptyMap();
  for (const piece of madeUpPool(pages)) state = withPieces(state, [piece]);
  const order = Uint32Array.from({ length: pages }, (_, index) => index);
  state = finished(state, { order, notes: [], cut: undefined });
  const view = new ViewState(state.data);
  const bytes = new Uint8Array(0x1000).map((_, index) => index);
  const page = { address: 0n, bytes, mask: new Uint8Array(0x1000).fill(1) };
  const [below, above] = ['below', 'above'].map((id) => document.getElementById(id));
  const canvas = new MapCanvas(view, below, above, { bytesOf: () => page });
  view.resize(width, height);
  canvas.resize(width, height, devicePixelRatio);
  return { view, canvas, loadMs: performance.now() - start };
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

let map;

globalThis.load = (pages) => {
  map = open(pages);
  return { parts: map.view.data.counts.parts, loadMs: map.loadMs, levels: zoomSteps };
};

/** So many steps at one zoom; the milliseconds of each. */
globalThis.pan = async (level, steps) => {
  const { view, canvas } = map;
  view.zoomTo(level);
  view.scrollTo(view.layout.height / 3);
  const times = [];
  for (let step = 0; step < steps; step++) {
    view.scrollTo(view.scroll + 37);
    canvas.draw();
    times.push(canvas.drawNow());
    await nextFrame();
  }
  return times;
};
document.title = 'ready';
