// The layout engine in a worker of its own: it may think for seconds, and the window never notices.
import ELK from "elkjs/lib/elk-api.js";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import type { ElkGraph, RunElk } from "./layout";

/** Thrown into a layout that was given up. */
export class LayoutCancelled extends Error {
  constructor() {
    super("The layout was given up.");
  }
}

/** One worker for one layout: to give up is to end the worker, whatever it is doing. */
export const elkInWorker =
  (signal: AbortSignal): RunElk =>
  (graph) =>
    new Promise<ElkGraph>((resolve, reject) => {
      const elk = new ELK({ workerFactory: () => new Worker(workerUrl) });
      const stop = () => {
        elk.terminateWorker();
        reject(new LayoutCancelled());
      };
      if (signal.aborted) return stop();
      signal.addEventListener("abort", stop, { once: true });
      elk
        .layout(graph)
        .then((done) => resolve(done as ElkGraph), reject)
        .finally(() => {
          signal.removeEventListener("abort", stop);
          elk.terminateWorker();
        });
    });
