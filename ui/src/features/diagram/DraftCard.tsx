import { newEntitySpec, useCreateEntity } from "../../api";
import { useView } from "../../shared";
import css from "./card.module.css";
import { CARD_PAD, HEADER } from "./cards";
import type { Point } from "./geometry";
import { setDiagram } from "./state";
import { NameInput } from "./TitleInput";

export const DRAFT = { width: 224, height: HEADER + CARD_PAD };

/** An entity that has a place and asks for its name. It is made with the name, so that one undo takes it back. */
export function DraftCard({ at }: { at: Point }) {
  const create = useCreateEntity();
  return (
    <div
      className={css.card}
      data-mode="shared"
      data-selected
      style={{
        position: "absolute",
        transform: `translate(${at.x}px, ${at.y}px)`,
        pointerEvents: "all",
        ...DRAFT,
      }}
    >
      <div className={css.header}>
        <NameInput
          label="Entity name"
          value=""
          placeholder="Entity name"
          error={create.error}
          onCancel={() => setDiagram({ drafting: null })}
          onKeep={(name) =>
            create.mutate([newEntitySpec(name), [], [Math.round(at.x), Math.round(at.y)]], {
              onSuccess: (entity) => {
                // The fields come next, so the card is ready to take the first one.
                setDiagram({ drafting: null, editing: { kind: "add", entity: entity.id } });
                useView.getState().select({ kind: "entity", entity: entity.id });
              },
            })
          }
        />
      </div>
    </div>
  );
}
