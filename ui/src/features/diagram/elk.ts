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

/** Lends `work` an engine for as long as it lasts. To give up is to end the worker, whatever it is doing. */
export async function withElk<T>(signal: AbortSignal, work: (elk: RunElk) => Promise<T>): Promise<T> {
  const elk = new ELK({ workerFactory: () => new Worker(workerUrl) });
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new LayoutCancelled());
  });
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([stopped, work((graph) => elk.layout(graph) as Promise<ElkGraph>)]);
  } finally {
    signal.removeEventListener("abort", stop);
    elk.terminateWorker();
  }
}
