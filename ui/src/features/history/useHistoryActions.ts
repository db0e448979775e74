import { useActions } from "../../actions";
import { useHistorySteps, useUndoState } from "../../api";
import { hushToast, toastError } from "../../shared";

/**
 * Undo and redo of every schema edit and layout move. In a text field the keys belong to the text. Keys pressed faster
 * than the engine answers are taken one after the other, not dropped: until the last is done, both are on offer.
 */
export function useHistoryActions() {
  const { data: state } = useUndoState();
  const { step, stepping } = useHistorySteps();
  useActions("history", [
    {
      id: "edit.undo",
      writes: true,
      label: state?.undo ? `Undo: ${state.undo}` : "Undo",
      group: "Edit",
      keys: "mod+Z",
      when: () => stepping || Boolean(state?.undo),
      run: () => {
        hushToast("edit");
        step("undo", (e) => toastError(e, "Could not undo"));
      },
    },
    {
      id: "edit.redo",
      writes: true,
      label: state?.redo ? `Redo: ${state.redo}` : "Redo",
      group: "Edit",
      keys: "mod+shift+Z mod+Y",
      when: () => stepping || Boolean(state?.redo),
      run: () => step("redo", (e) => toastError(e, "Could not redo")),
    },
  ]);
}
