import { Button } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { runAction } from "../../actions";
import { type Entity, relationshipsOf, type Schema, useOverview, useSchema } from "../../api";
import {
  EmptyState,
  ErrorNotice,
  plural,
  SkeletonLines,
  selectedEntity,
  useView,
  Writes,
} from "../../shared";
import { forgetDraft } from "./draft";
import { EntityDetails } from "./EntityDetails";
import { useEntityEdit } from "./edits";
import { FieldList } from "./FieldList";
import css from "./inspector.module.css";
import { MarkedEntities } from "./MarkedEntities";
import { RelationshipEditor } from "./RelationshipEditor";
import { RelationshipList } from "./RelationshipList";
import { Title } from "./Title";
import { UniqueKeys } from "./UniqueKeys";

/** The right column: what is selected. `storage` is drawn under the title (the materialize card of that entity). */
export function EntityInspector({ storage }: { storage?: (entity: string) => ReactNode }) {
  const schema = useSchema();
  const selection = useView((s) => s.selection);
  // By now it stands where it was typed, or nobody looks at that place any more.
  useEffect(forgetDraft, []);
  if (schema.error) {
    return (
      <div className={css.inspector}>
        <ErrorNotice
          error={schema.error}
          action={<Button onClick={() => schema.refetch()}>Try again</Button>}
        />
      </div>
    );
  }
  if (!schema.data) return <SkeletonLines lines={6} label="Loading the inspector" />;
  if (selection?.kind === "relationship") {
    const found = schema.data.relationships.find((r) => r.id === selection.relationship);
    if (found) return <RelationshipEditor key={found.id} schema={schema.data} relationship={found} />;
  }
  const entity = schema.data.entities.find((e) => e.id === selectedEntity(selection));
  if (!entity) return <Nothing />;
  return <EntityView key={entity.id} schema={schema.data} entity={entity} storage={storage} />;
}

function Nothing() {
  return (
    <EmptyState title="Nothing selected">
      Pick an entity or a relationship to see its fields, where its records lie and what it is joined to.
    </EmptyState>
  );
}

function EntityView(props: { schema: Schema; entity: Entity; storage?: (entity: string) => ReactNode }) {
  const { schema, entity } = props;
  const edit = useEntityEdit(entity);
  const records = useOverview().data?.find((e) => e.id === entity.id)?.records;
  const relationships = relationshipsOf(schema, entity.id).length;
  const figures = [
    records === undefined ? null : plural(records, "record"),
    plural(entity.fields.length, "field"),
    plural(relationships, "relationship"),
  ].filter(Boolean);
  return (
    <div className={css.inspector}>
      <MarkedEntities />
      <div>
        <Title entity={entity} edit={edit} />
        <p className={`${css.sub} sw-num`}>{figures.join(" · ")}</p>
      </div>
      {props.storage?.(entity.id)}
      <FieldList entity={entity} />
      <RelationshipList schema={schema} entity={entity} />
      <UniqueKeys schema={schema} entity={entity} />
      <EntityDetails schema={schema} entity={entity} edit={edit} />
      <Writes>
        <Button
          color="red"
          variant="subtle"
          className={css.drop}
          onClick={() => runAction("entity.drop", { entity: entity.id })}
        >
          {records ? `Drop entity and ${plural(records, "record")}` : "Drop entity"}
        </Button>
      </Writes>
    </div>
  );
}
