import { Button } from "@mantine/core";
import { type FieldProfile, fieldSpecOf, useSchema, useUpdateField } from "../../api";
import { ErrorNotice, formatNumber, plural, useReadOnly } from "../../shared";
import css from "./plan.module.css";
import { range } from "./profiles";

/** Each field over all its records: how full it is, how many values there are, and a type that would fit better. */
export function FieldProfiles(props: { fields: FieldProfile[]; several: boolean; onChanged: () => void }) {
  if (props.fields.length === 0)
    return <p className={css.note}>No fields: only the ids of the records move.</p>;
  return (
    <ul className={css.fields}>
      {props.fields.map((field) => (
        <ProfileRow key={`${field.entity_id}:${field.field}`} field={field} {...props} />
      ))}
    </ul>
  );
}

function ProfileRow({
  field,
  several,
  onChanged,
}: {
  field: FieldProfile;
  several: boolean;
  onChanged: () => void;
}) {
  const { records, nulls, distinct, distinct_exact, problems } = field;
  const name = several ? `${field.entity}.${field.field}` : field.field;
  const filled = records === 0 ? 0 : (records - nulls) / records;
  const percent = Math.floor(filled * 1000) / 10;
  const facts = [
    records === nulls ? "empty" : nulls === 0 ? "no nulls" : `${percent} % filled`,
    records > nulls && `${distinct_exact ? "" : "about "}${plural(distinct, "value")}`,
    field.longest !== null && `longest ${formatNumber(field.longest)}`,
  ].filter(Boolean);
  const between = range(field);
  return (
    <li className={css.field} aria-label={name}>
      <div className={css.fieldHead}>
        <span className={css.fieldName} title={name}>
          {name}
        </span>
        <span className={css.fieldType}>{field.field_id === null ? "reference" : field.type}</span>
      </div>
      <div className={css.filled} aria-hidden>
        <span style={{ width: `${filled * 100}%` }} />
      </div>
      <p className={css.facts}>
        {facts.join(" · ")}
        {between && (
          <span className={css.between} title={between}>
            {between}
          </span>
        )}
      </p>
      {problems > 0 && <p className={css.bad}>{formatNumber(problems)} in the way</p>}
      {field.proposal && <Better field={field} onChanged={onChanged} />}
    </li>
  );
}

/** A type that fits better, and the click that takes it. */
function Better({ field, onChanged }: { field: FieldProfile; onChanged: () => void }) {
  const { data: schema } = useSchema();
  const update = useUpdateField();
  const readOnly = useReadOnly();
  const there = schema?.entities
    .find((e) => e.id === field.entity_id)
    ?.fields.find((f) => f.id === field.field_id);
  if (!field.proposal || !there) return null;
  const { type, config, reason } = field.proposal;
  const change = () =>
    update.mutate([field.entity_id, there.id, { ...fieldSpecOf(there), type, config }], {
      onSuccess: onChanged,
    });
  return (
    <div className={css.better}>
      <p>{reason.charAt(0).toUpperCase() + reason.slice(1)}.</p>
      <Button
        size="compact-xs"
        onClick={change}
        loading={update.isPending}
        disabled={readOnly !== null}
        title={
          readOnly ?? `Make ${field.field} a field of type ${type}. Nothing is lost, and it can be undone.`
        }
      >
        Make it {type}
      </Button>
      {update.error && <ErrorNotice error={update.error} bare />}
    </div>
  );
}
