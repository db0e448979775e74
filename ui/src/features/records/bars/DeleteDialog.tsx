import { Button, Modal } from "@mantine/core";
import { impactLines, namedCount, titleOf, useDeleteImpact, useDeleteRecords } from "../../../api";
import { ErrorNotice, plural, SkeletonLines, toast } from "../../../shared";
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
        <div className={css.impact}>
          {blocked && (
            <>
              <p>
                Something still refers to {ids.length === 1 ? "it" : "them"}, and its relationship forbids the
                delete:
              </p>
              <ul>
                {impact.data.blocked_by.map((b) => (
                  <li key={`${b.entity}.${b.relationship}`}>
                    <b>{plural(b.count, `${b.entity} record`)}</b> through “{b.relationship}”
                  </li>
                ))}
              </ul>
              <p className={css.faint}>
                Delete or change those records first, or set the relationship's “on delete” to cascade or set
                null.
              </p>
            </>
          )}
          {!blocked && (
            <>
              <ul>
                {impactLines(impact.data, grid.schema.entities).map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
              <p className={css.faint}>This cannot be undone.</p>
            </>
          )}
        </div>
      )}
      {remove.error && <ErrorNotice error={remove.error} />}
      <div className={css.dialogButtons}>
        <Button onClick={close}>{blocked ? "Close" : "Cancel"}</Button>
        {!blocked && (
          <Button
            data-autofocus
            color="red"
            variant="filled"
            disabled={!impact.data}
            loading={remove.isPending}
            onClick={run}
          >
            Delete {what}
          </Button>
        )}
      </div>
      <span className="sw-visually-hidden">{titleOf(entity)}</span>
    </Modal>
  );
}
