/** Whether a click with these keys is about one more among those that are chosen, not about one alone. */
export function choosesMore(event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): boolean {
  return event.shiftKey || event.ctrlKey || event.metaKey;
}
