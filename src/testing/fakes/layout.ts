/** What a browser does and a document without one does not: elements have a size, and the system a theme. */
const WIDTH = 480;
const HEIGHT = 300;

class FixedSize implements ResizeObserver {
  constructor(private readonly callback: ResizeObserverCallback) {}

  observe(target: Element): void {
    const contentRect = { width: WIDTH, height: HEIGHT, x: 0, y: 0, top: 0, left: 0, right: WIDTH, bottom: HEIGHT };
    this.callback([{ target, contentRect } as ResizeObserverEntry], this);
  }

  unobserve(): void {}

  disconnect(): void {}
}

export function standInForLayout(): void {
  window.ResizeObserver = FixedSize;
  window.matchMedia ??= (media) =>
    ({ media, matches: false, addEventListener: () => {}, removeEventListener: () => {} }) as unknown as MediaQueryList;
  Element.prototype.scrollIntoView ??= () => {};
  HTMLCanvasElement.prototype.getContext = () => null;
  // jsdom has neither canvases nor their pixels.
  globalThis.ImageData ??= class {} as unknown as typeof ImageData;
}
