/** A window that is hidden or short of time draws no frame for a while; then the work is done without waiting for one. */
const PATIENCE_MS = 120;

/** Runs `work` once, with the next frame. Returns what takes it back. */
export function nextFrame(work: () => void): () => void {
  const stop = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const once = () => {
    stop();
    work();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, PATIENCE_MS);
  return stop;
}
