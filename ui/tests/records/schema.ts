// A small schema for the grid's tests.
import type { Entity, Field, FieldType, Relationship, Schema } from "../../src/api";

export function field(
  entity: string,
  name: string,
  type: FieldType,
  order: number,
  more: Partial<Field> = {},
): Field {
  return {
    id: `${entity}.${name}`,
    field_id: `library.${entity}.${name}`,
    name,
    label: null,
    type,
    config: {},
    description: null,
    storage: name,
    order,
    required: false,
    unique: false,
    indexed: false,
    default: null,
    visible: true,
    read_only: false,
    shared: false,
    ...more,
  };
}

export function entity(id: string, name: string, fields: Field[], more: Partial<Entity> = {}): Entity {
  return {
    id,
    name,
    label: null,
    plural_label: null,
    icon: null,
    description: null,
    application: null,
    storage_mode: "shared",
    scope: "shared",
    access: "public",
    table: `kdb_${name}`,
    fields,
    keys: [],
    ...more,
  };
}

export function relationship(id: string, more: Partial<Relationship>): Relationship {
  return {
    id,
    name: id,
    type: "many_to_one",
    source: "",
    target: "",
    inverse_name: null,
    description: null,
    field: null,
    storage: id,
    required: false,
    on_delete: "set_null",
    on_update: "cascade",
    order: 0,
    ...more,
  };
}

export const artist = entity("artist", "Artist", [field("artist", "name", "string", 0, { required: true })]);
export const album = entity("album", "Album", [
  field("album", "price", "currency", 2, { config: { currency: "EUR" } }),
  field("album", "title", "string", 0, { required: true }),
  field("album", "sold", "integer", 1),
  field("album", "live", "bool", 3),
  field("album", "released", "date", 4),
  field("album", "secret", "string", 5, { visible: false }),
]);
export const tag = entity("tag", "Tag", [field("tag", "name", "string", 0)]);

export const schema: Schema = {
  version: 1,
  entities: [artist, album, tag],
  relationships: [
    relationship("artist-rel", {
      name: "artist",
      source: "album",
      target: "artist",
      field: "artist_id",
      inverse_name: "albums",
    }),
    relationship("tags-rel", {
      name: "tags",
      type: "many_to_many",
      source: "album",
      target: "tag",
      inverse_name: "albums",
    }),
    relationship("like-rel", {
      name: "like",
      type: "many_to_many",
      source: "album",
      target: "album",
      inverse_name: "liked_by",
    }),
  ],
  library: [],
};
