import { Checkbox } from "@mantine/core";
import type { PlanFirst } from "./planFirst";

/** Of an entity with a table of its own: whether its changes are looked at before they are made. */
export function PlanSwitch({ plan }: { plan: PlanFirst }) {
  if (!plan.offered) return null;
  return (
    <Checkbox
      label="Show plan first"
      description="What a change does to the table, and which values stand in its way"
      checked={plan.on}
      onChange={(event) => plan.turn(event.currentTarget.checked)}
    />
  );
}
