import { Button } from "@mantine/core";
import { ReactFlowProvider } from "@xyflow/react";
import { runAction } from "../../actions";
import {
  EmptyState,
  ErrorNotice,
  Kbd,
  plural,
  SkeletonLines,
  useDelayed,
  useReadOnly,
  Writes,
} from "../../shared";
import { Canvas } from "./Canvas";
import css from "./diagram.module.css";
import { useDiagram } from "./state";
import { useAutoLayout } from "./useAutoLayout";
import { useDiagramData } from "./useDiagramData";

/** The centre of the tab "Diagram"; fills its container. */
export function DiagramPanel() {
  const data = useDiagramData();
  const layout = useAutoLayout(data.cards, data.edges, data.stored, data.rereadLayout);
  const drafting = useDiagram((s) => s.drafting !== null);
  if (data.error) {
    return <ErrorNotice error={data.error} action={<Button onClick={data.retry}>Try again</Button>} />;
  }
  if (!data.schema || !data.cards || !data.stored) return <SkeletonLines label="Loading the diagram" />;
  return (
    <div className={css.diagram} style={{ containerType: "inline-size", containerName: "diagram" }}>
      <ReactFlowProvider>
        <Canvas
          schema={data.schema}
          cards={data.cards}
          edges={data.edges}
          positions={layout.shown}
          provisional={layout.provisional}
          tidy={layout.tidy}
          busy={layout.busy !== null}
        />
      </ReactFlowProvider>
      {data.cards.length === 0 && !drafting && <FirstEntity />}
      {layout.busy !== null && <LayingOut count={layout.busy} onCancel={layout.cancel} />}
    </div>
  );
}

function FirstEntity() {
  const readOnly = useReadOnly() !== null;
  return (
    <div className={css.empty}>
      <EmptyState
        title={readOnly ? "No entities yet" : "Draw your first entity"}
        actions={
          <Writes>
            <Button
              variant="filled"
              rightSection={<Kbd keys="T" />}
              onClick={() => runAction("entity.create")}
            >
              New entity
            </Button>
          </Writes>
        }
      >
        {!readOnly &&
          "Give it a name and fields, and put records in at once. Double click on the canvas works too."}
      </EmptyState>
    </div>
  );
}

/** Said only when it takes a moment, and it can be given up. */
function LayingOut({ count, onCancel }: { count: number; onCancel: () => void }) {
  if (!useDelayed(250)) return null;
  return (
    <div className={css.hint} role="status">
      Laying out {plural(count, "entity", "entities")}…<Button onClick={onCancel}>Cancel</Button>
    </div>
  );
}
