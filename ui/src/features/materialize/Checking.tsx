import { Button } from "@mantine/core";
import { ErrorNotice, ProgressBar, useDelayed } from "../../shared";
import css from "./materialize.module.css";

/** A plan that is asked for. */
interface Asked {
  error: unknown;
  isFetching: boolean;
  refetch: () => unknown;
}

/**
 * What stands where a plan will be: on a big entity it takes a while, and it can fail. `records`: whether each of them is
 * checked for it.
 */
export function Checking({ plan, records = true }: { plan: Asked; records?: boolean }) {
  const late = useDelayed();
  if (plan.error) {
    return (
      <div className={css.body}>
        <ErrorNotice error={plan.error} action={<Button onClick={() => plan.refetch()}>Try again</Button>} />
      </div>
    );
  }
  return (
    <div className={css.body}>
      {late && (
        <>
          <ProgressBar
            label={records ? "Checking every record" : "Going through the job"}
            done={0}
            total={null}
          />
          <p className={css.note}>
            {records
              ? "Checking every record against its column."
              : "Going through the job without running it."}{" "}
            You can close this; nothing has moved.
          </p>
        </>
      )}
    </div>
  );
}

/** Asks for the plan anew. */
export function CheckAgain({ plan }: { plan: Asked }) {
  return (
    <button type="button" className={css.link} onClick={() => plan.refetch()} disabled={plan.isFetching}>
      {plan.isFetching ? "Checking…" : "Check again"}
    </button>
  );
}
