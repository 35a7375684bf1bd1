import type { MapController } from './map-controller.ts';
import type { Move } from './model/moves.ts';
import { lastZoom } from './model/zoom.ts';
import { barWidth, scrollOf } from './paint/scroll-bar.ts';

/** What pointers, wheels and keys do on the map. */

const moves: Readonly<Record<string, Move>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  End: 'last',
  PageUp: 'page-up',
  PageDown: 'page-down',
};

/** True where the key was one of the map's. */
export function pressKey(controller: MapController, event: KeyboardEvent, focusSearch: () => void): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const move = moves[event.key];
  if (move !== undefined) {
    controller.move(move);
    return true;
  }
  const hasSearch = controller.canvas?.found !== undefined;
  switch (event.key) {
    case '+':
    case '=':
      controller.zoomBy(1);
      return true;
    case '-':
      controller.zoomBy(-1);
      return true;
    case '0':
      controller.fit();
      return true;
    case '9':
      controller.zoomTo(lastZoom);
      return true;
    case 'Enter':
      controller.enter();
      return true;
    case 'Escape':
      controller.escape();
      return true;
    case 'n':
    case 'N': {
      const way = event.key === 'n' ? 1 : -1;
      if (hasSearch) controller.nextFound(way);
      else controller.nextDamage(way);
      return true;
    }
    case 'd':
    case 'D':
      controller.nextDamage(event.key === 'd' ? 1 : -1);
      return true;
    case '/':
      focusSearch();
      return true;
    default:
      return false;
  }
}

/** Pixels of a line and of a page, for wheels that count in them. */
const wheelUnits = [1, 18, 400] as const;
/** Turn of a wheel with a key for one step of zoom. */
const wheelPerStep = 60;
/** Movement until a press is a drag. */
const dragSlack = 4;
/** How much two fingers have to move apart for one step. */
const pinchStep = 1.35;

interface Finger {
  readonly x: number;
  readonly y: number;
}

/** Pointers and wheels over the canvas, from when it is attached until the returned function is called. */
export function attachPointers(controller: MapController, element: HTMLElement): () => void {
  const input = new PointerInput(controller, element);
  const events = {
    pointerdown: (event: PointerEvent) => input.down(event),
    pointermove: (event: PointerEvent) => input.move(event),
    pointerup: (event: PointerEvent) => input.up(event),
    pointercancel: (event: PointerEvent) => input.cancel(event),
    pointerleave: () => controller.leave(),
    dblclick: (event: MouseEvent) => input.double(event),
  } as const;
  const wheel = (event: WheelEvent): void => input.wheel(event);
  for (const [name, listener] of Object.entries(events))
    element.addEventListener(name, listener as EventListener);
  element.addEventListener('wheel', wheel, { passive: false });
  return () => {
    for (const [name, listener] of Object.entries(events))
      element.removeEventListener(name, listener as EventListener);
    element.removeEventListener('wheel', wheel);
  };
}

class PointerInput {
  readonly #controller: MapController;
  readonly #element: HTMLElement;
  readonly #fingers = new Map<number, Finger>();
  #drag: { readonly y: number; readonly scroll: number; moved: boolean; readonly isBar: boolean } | undefined;
  #pinch = 0;
  #turned = 0;

  constructor(controller: MapController, element: HTMLElement) {
    this.#controller = controller;
    this.#element = element;
  }

  down(event: PointerEvent): void {
    const at = this.#point(event);
    this.#fingers.set(event.pointerId, at);
    this.#element.setPointerCapture(event.pointerId);
    const { view } = this.#controller;
    const isBar = at.x >= view.width - barWidth;
    this.#drag = { y: at.y, scroll: view.scroll, moved: false, isBar };
    this.#pinch = this.#spread();
    if (isBar) this.#controller.scrollTo(scrollOf(view, at.y));
  }

  move(event: PointerEvent): void {
    const at = this.#point(event);
    const drag = this.#drag;
    if (!this.#fingers.has(event.pointerId) || drag === undefined) {
      this.#controller.hoverAt(at.x, at.y);
      return;
    }
    this.#fingers.set(event.pointerId, at);
    if (this.#fingers.size === 2) this.#pinched();
    else if (drag.isBar) this.#controller.scrollTo(scrollOf(this.#controller.view, at.y));
    else if (drag.moved || Math.abs(at.y - drag.y) > dragSlack) {
      drag.moved = true;
      this.#controller.scrollTo(drag.scroll + drag.y - at.y);
    }
  }

  up(event: PointerEvent): void {
    const drag = this.#drag;
    const isLast = this.#fingers.size === 1;
    this.cancel(event);
    if (!isLast || drag === undefined || drag.moved || drag.isBar) return;
    const { x, y } = this.#point(event);
    this.#controller.selectAt(x, y);
  }

  cancel(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    if (this.#fingers.size === 0) this.#drag = undefined;
    // The finger that stays is no press.
    else if (this.#drag !== undefined) this.#drag.moved = true;
  }

  double(event: MouseEvent): void {
    const { x, y } = this.#point(event);
    this.#controller.selectAt(x, y);
    this.#controller.enter();
  }

  wheel(event: WheelEvent): void {
    event.preventDefault();
    const by = event.deltaY * wheelUnits[event.deltaMode as 0 | 1 | 2];
    if (!event.ctrlKey && !event.metaKey) {
      this.#controller.scrollBy(by);
      return;
    }
    this.#turned += by;
    if (Math.abs(this.#turned) < wheelPerStep) return;
    this.#controller.zoomBy(this.#turned < 0 ? 1 : -1, this.#point(event));
    this.#turned = 0;
  }

  #pinched(): void {
    const spread = this.#spread();
    const ratio = spread / this.#pinch;
    if (ratio < pinchStep && ratio > 1 / pinchStep) return;
    const [a, b] = [...this.#fingers.values()];
    if (a === undefined || b === undefined) return;
    this.#controller.zoomBy(ratio > 1 ? 1 : -1, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    this.#pinch = spread;
    if (this.#drag !== undefined) this.#drag.moved = true;
  }

  #spread(): number {
    const [a, b] = [...this.#fingers.values()];
    return a === undefined || b === undefined ? 1 : Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
  }

  #point({ clientX, clientY }: MouseEvent): Finger {
    const box = this.#element.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  }
}
