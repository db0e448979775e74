import { useActions } from "../../actions";
import { useRedo, useUndo, useUndoState } from "../../api";
import { hushToast, toastError } from "../../shared";

/** Undo and redo of every schema edit and layout move. In a text field the keys belong to the text. */
export function useHistoryActions() {
  const { data: state } = useUndoState();
  const undo = useUndo();
  const redo = useRedo();
  const busy = undo.isPending || redo.isPending;
  const doUndo = () => {
    if (busy) return;
    hushToast("edit");
    undo.mutate([], { onError: (e) => toastError(e, "Could not undo") });
  };
  const doRedo = () => !busy && redo.mutate([], { onError: (e) => toastError(e, "Could not redo") });
  useActions("history", [
    {
      id: "edit.undo",
      label: state?.undo ? `Undo: ${state.undo}` : "Undo",
      group: "Edit",
      keys: "mod+Z",
      when: () => Boolean(state?.undo),
      run: doUndo,
    },
    {
      id: "edit.redo",
      label: state?.redo ? `Redo: ${state.redo}` : "Redo",
      group: "Edit",
      keys: "mod+shift+Z mod+Y",
      when: () => Boolean(state?.redo),
      run: doRedo,
    },
  ]);
  return { state, undo: doUndo, redo: doRedo, busy };
}
