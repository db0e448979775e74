import { Button, Modal } from "@mantine/core";
import { type Impact, titleOf, useDropEntity, useDropEntityImpact, useEntity } from "../../api";
import { ErrorNotice, plural, SkeletonLines, selectedEntity, useView } from "../../shared";
import css from "./start.module.css";
import { useEntityAsk } from "./useEntityActions";

/** The dialog, while somebody considers dropping an entity. */
export function DropEntityDialog() {
  const id = useEntityAsk((s) => s.dropping);
  return id && <DropEntity key={id} id={id} onClose={() => useEntityAsk.setState({ dropping: null })} />;
}

/** Dropping an entity takes its records along, so the figures come before the deed. */
function DropEntity({ id, onClose }: { id: string; onClose: () => void }) {
  const entity = useEntity(id);
  const impact = useDropEntityImpact(id);
  const drop = useDropEntity();
  if (!entity) return null;
  const title = titleOf(entity);
  const blocked = (impact.data?.blocked_by.length ?? 0) > 0;
  return (
    <Modal opened onClose={onClose} title={`Drop ${title}?`} centered size={440}>
      {impact.isPending && <SkeletonLines lines={3} label="Counting what goes with it" />}
      {impact.error && <ErrorNotice error={impact.error} />}
      {impact.data && (
        <ul className={css.impact}>
          {impactLines(impact.data).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {drop.error && <ErrorNotice error={drop.error} />}
      <div className={css.dialogButtons}>
        <Button onClick={onClose}>Keep it</Button>
        <Button
          color="red"
          maw={280}
          variant="filled"
          data-autofocus
          disabled={!impact.data || blocked}
          loading={drop.isPending}
          onClick={() =>
            drop.mutate([id], {
              onSuccess: () => {
                const { selection, select, recordsEntity } = useView.getState();
                if (selectedEntity(selection) === id) select(null);
                if (recordsEntity === id) useView.setState({ recordsEntity: null });
                onClose();
              },
            })
          }
        >
          Drop {title}
        </Button>
      </div>
    </Modal>
  );
}

/** The consequence in figures, one line a kind: what goes, what stays without its reference, what forbids it. */
export function impactLines(impact: Impact): string[] {
  const lines = [
    ...impact.deletes
      .filter((c) => c.count > 0)
      .map((c) => `Deletes ${plural(c.count, "record")} of ${c.name}`),
    ...impact.unlinks
      .filter((c) => c.count > 0)
      .map((c) => `${plural(c.count, "record")} of ${c.name} stay without their reference`),
    ...impact.links.filter((c) => c.count > 0).map((c) => `Removes ${plural(c.count, "link")} to ${c.name}`),
    ...impact.blocked_by.map(
      (b) => `Not possible: ${plural(b.count, "record")} of ${b.entity} need it (${b.relationship})`,
    ),
  ];
  return lines.length > 0 ? lines : ["It holds no records and nothing refers to it."];
}
