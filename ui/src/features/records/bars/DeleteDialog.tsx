import { Button, Modal } from "@mantine/core";
import { impactLines, namedCount, titleOf, useDeleteImpact, useDeleteRecords } from "../../../api";
import {
  Consequences,
  DialogButtons,
  ErrorNotice,
  plural,
  SkeletonLines,
  toast,
  useFocusWhen,
} from "../../../shared";
import type { Grid } from "../grid/useGrid";
import type { GridActions } from "../grid/useGridActions";
import css from "./bars.module.css";

/** What deleting would take with it, in figures, before it is done: a delete cannot be undone. */
export function DeleteDialog({ grid, actions }: { grid: Grid; actions: GridActions }) {
  const { entity, removing, setRemoving, selection } = grid;
  const ids = removing ?? [];
  const impact = useDeleteImpact(entity.id, removing);
  const remove = useDeleteRecords();
  const close = () => {
    setRemoving(null);
    remove.reset();
    setTimeout(actions.focusCell, 0);
  };
  const confirm = useFocusWhen(impact.data !== undefined);
  const what = namedCount(ids.length, entity);
  const blocked = (impact.data?.blocked_by.length ?? 0) > 0;
  const run = () =>
    remove.mutate([entity.id, ids], {
      onSuccess: () => {
        selection.clearRows();
        close();
        toast(`Deleted ${what}`);
      },
    });
  return (
    <Modal opened={removing !== null} onClose={close} title={`Delete ${what}?`} centered size={440}>
      {impact.isPending && removing !== null && (
        <SkeletonLines lines={3} label="Looking at what refers to them" />
      )}
      {impact.error && <ErrorNotice error={impact.error} />}
      {impact.data && (
        <>
          {blocked && (
            <p className={css.blocked}>
              Something still refers to {ids.length === 1 ? "it" : "them"}, and its relationship forbids the
              delete:
            </p>
          )}
          <Consequences
            lines={
              blocked
                ? impact.data.blocked_by.map((b) => (
                    <>
                      <b>{plural(b.count, `${b.entity} record`)}</b> through “{b.relationship}”
                    </>
                  ))
                : impactLines(impact.data, grid.schema.entities)
            }
          >
            {blocked
              ? "Delete or change those records first, or set the relationship's “on delete” to cascade or set null."
              : "This cannot be undone."}
          </Consequences>
        </>
      )}
      {remove.error && <ErrorNotice error={remove.error} />}
      <DialogButtons>
        <Button onClick={close}>{blocked ? "Close" : "Cancel"}</Button>
        {!blocked && (
          <Button
            ref={confirm}
            color="red"
            variant="filled"
            disabled={!impact.data}
            loading={remove.isPending}
            onClick={run}
          >
            <span className="sw-ellipsis">Delete {what}</span>
          </Button>
        )}
      </DialogButtons>
      <span className="sw-visually-hidden">{titleOf(entity)}</span>
    </Modal>
  );
}
