import { useActions, usePlanFirst } from "../../actions";
import { useDropRelationship, useSchema } from "../../api";
import { selectedEntity, toastError, useView } from "../../shared";
import { canStepBack, setDiagram, stepBack } from "./state";

/** What one can ask of the diagram from anywhere; goes to its tab first. Mounted once, by the workspace. */
export function useDiagramActions(): void {
  const { data: schema } = useSchema();
  const drop = useDropRelationship();
  const plan = usePlanFirst();
  const ask = (wanted: "entity" | "relationship") => {
    useView.getState().setTab("diagram");
    setDiagram({ wanted });
  };
  const picked = (target?: { relationship?: string }) => {
    const { selection } = useView.getState();
    return target?.relationship ?? (selection?.kind === "relationship" ? selection.relationship : null);
  };
  useActions("diagram", [
    {
      id: "entity.create",
      writes: true,
      label: "New entity",
      group: "Entity",
      keys: "T N",
      keywords: "create add table",
      run: () => ask("entity"),
    },
    {
      id: "relationship.create",
      writes: true,
      label: "New relationship",
      group: "Entity",
      keys: "R",
      keywords: "create add draw foreign key link",
      menu: "entity",
      when: () => (schema?.entities.length ?? 0) > 0,
      run: (target) => {
        if (target?.entity) useView.getState().select({ kind: "entity", entity: target.entity });
        ask("relationship");
      },
    },
    {
      id: "field.create",
      writes: true,
      label: "Add field",
      group: "Entity",
      keys: "F",
      menu: "entity",
      when: (target) => Boolean(target?.entity ?? selectedEntity(useView.getState().selection)),
      run: (target) => {
        const entity = target?.entity ?? selectedEntity(useView.getState().selection);
        if (!entity) return;
        useView.getState().setTab("diagram");
        useView.getState().select({ kind: "entity", entity });
        setDiagram({ editing: { kind: "add", entity } });
      },
    },
    {
      id: "relationship.drop",
      writes: true,
      label: "Drop relationship",
      group: "Entity",
      menu: "relationship",
      danger: true,
      keywords: "delete remove",
      when: (target) => picked(target) !== null,
      run: (target) => {
        const relationship = picked(target);
        if (!relationship || plan.ask({ edit: "drop_relationship", relationship })) return;
        drop.mutate([relationship], {
          onSuccess: () => useView.getState().select(null),
          onError: (error) => toastError(error, "The relationship stays"),
        });
      },
    },
    {
      id: "diagram.back",
      label: "One step back",
      group: "Diagram",
      keys: "Escape",
      when: () => useView.getState().tab === "diagram" && canStepBack(),
      run: () => void stepBack(),
    },
  ]);
}
