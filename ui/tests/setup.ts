import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);
// A machine that does several things at once is slow; what is waited for still has to come.
configure({ asyncUtilTimeout: 5000 });

// jsdom has neither of these; Mantine and the virtual lists ask for them.
if (!window.matchMedia) {
  window.matchMedia = (query: string) =>
    ({
      matches: false,
      media: query,
      onchange: null,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
      addListener: () => undefined,
      removeListener: () => undefined,
      dispatchEvent: () => false,
    }) as unknown as MediaQueryList;
}
class ResizeObserverStub {
  observe() {}
  unobserve() {}
  disconnect() {}
}
window.ResizeObserver ??= ResizeObserverStub as unknown as typeof ResizeObserver;
Element.prototype.scrollIntoView ??= () => undefined;
// Nothing has a size in jsdom, and a virtual list in a box without height shows nothing.
Object.defineProperties(Element.prototype, {
  clientHeight: { configurable: true, get: () => 800 },
  clientWidth: { configurable: true, get: () => 1000 },
});
// Text areas that grow wait for the fonts.
if (!document.fonts) Object.defineProperty(document, "fonts", { value: new EventTarget() });
// jsdom has no canvas to paint on, and says so at length each time one is asked for.
HTMLCanvasElement.prototype.getContext = () => null;
