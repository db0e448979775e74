import { Button, Modal } from "@mantine/core";
import { impactLines, titleOf, useDropEntities, useDropImpact, useSchema } from "../../api";
import {
  Consequences,
  DialogButtons,
  ErrorNotice,
  SkeletonLines,
  selectedEntity,
  useFocusWhen,
  useView,
} from "../../shared";
import css from "./drop.module.css";
import { useEntityAsk } from "./useEntityActions";

/** What dropping entities takes with it, in figures, before it is done. Undo brings all of it back. */
export function DropDialog() {
  const dropping = useEntityAsk((s) => s.dropping);
  const schema = useSchema();
  const impact = useDropImpact(dropping);
  const drop = useDropEntities();
  const entities = schema.data?.entities ?? [];
  const ids = dropping ?? [];
  const titles = ids.flatMap((id) => entities.find((e) => e.id === id) ?? []).map(titleOf);
  const what = titles.length === 1 ? (titles[0] ?? "") : `${titles.length} entities`;
  const confirm = useFocusWhen(impact.data !== undefined);
  const close = () => {
    useEntityAsk.setState({ dropping: null });
    drop.reset();
  };
  const run = () =>
    drop.mutate([ids], {
      onSuccess: () => {
        leave(ids);
        close();
      },
    });
  // A reference that nobody uses, or an entity without a record, loses nothing worth a line.
  const some = <T extends { count: number }>(counts: T[]) => counts.filter((c) => c.count > 0);
  const lines = impact.data
    ? impactLines(
        {
          ...impact.data,
          deletes: some(impact.data.deletes),
          unlinks: some(impact.data.unlinks),
          links: some(impact.data.links),
        },
        entities,
      )
    : [];
  return (
    <Modal opened={dropping !== null} onClose={close} title={`Drop ${what}?`} centered size={440}>
      {titles.length > 1 && <p className={css.names}>{titles.join(", ")}</p>}
      {impact.isPending && dropping !== null && (
        <SkeletonLines lines={2} label="Counting what goes with it" />
      )}
      {impact.error && <ErrorNotice error={impact.error} />}
      {impact.data && (
        <Consequences
          lines={
            lines.length > 0
              ? lines
              : [`No records: there are none in ${titles.length === 1 ? "it" : "them"}`]
          }
        >
          Undo brings everything back.
        </Consequences>
      )}
      {drop.error && <ErrorNotice error={drop.error} />}
      <DialogButtons>
        <Button onClick={close}>Cancel</Button>
        <Button
          ref={confirm}
          color="red"
          variant="filled"
          disabled={!impact.data}
          loading={drop.isPending}
          onClick={run}
        >
          <span className="sw-ellipsis">Drop {what}</span>
        </Button>
      </DialogButtons>
    </Modal>
  );
}

/** Shows nothing of entities that are gone. */
function leave(entities: string[]): void {
  const { selection, recordsEntity, select } = useView.getState();
  if (entities.includes(selectedEntity(selection) ?? "")) select(null);
  if (recordsEntity !== null && entities.includes(recordsEntity)) useView.setState({ recordsEntity: null });
}
