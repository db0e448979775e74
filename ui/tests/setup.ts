import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";
import type * as Zustand from "zustand";

// Every store of the window goes back to its first state after a test: an open dialog hides all else from the next one.
const resets = vi.hoisted(() => new Set<() => void>());
vi.mock("zustand", async (original) => {
  const zustand = await original<typeof Zustand>();
  const make = <T>(init: Zustand.StateCreator<T>) => {
    const store = zustand.create(init);
    resets.add(() => store.setState(store.getInitialState(), true));
    return store;
  };
  const create = <T>(init?: Zustand.StateCreator<T>) => (init ? make(init) : make);
  return { ...zustand, create };
});

afterEach(() => {
  cleanup();
  for (const reset of resets) reset();
});
// A machine that does several things at once is slow; what is waited for still has to come.
configure({ asyncUtilTimeout: 15_000 });

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
// A floating menu hides when what it hangs on is outside the window, and a box without size at 0,0 counts as outside.
Element.prototype.getBoundingClientRect = () => new DOMRect(20, 20, 100, 24);
// Text areas that grow wait for the fonts.
if (!document.fonts) Object.defineProperty(document, "fonts", { value: new EventTarget() });
// jsdom has no canvas to paint on, and says so at length each time one is asked for.
HTMLCanvasElement.prototype.getContext = () => null;
