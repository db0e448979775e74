import { Button } from "@mantine/core";
import { ErrorNotice, ProgressBar, useDelayed } from "../../shared";
import css from "./materialize.module.css";

/** A plan that is asked for. */
interface Asked {
  error: unknown;
  isFetching: boolean;
  refetch: () => unknown;
}

/** What stands where a plan will be: it reads every record, so on a big entity it takes a while, and it can fail. */
export function Checking({ plan }: { plan: Asked }) {
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
          <ProgressBar label="Checking every record" done={0} total={null} />
          <p className={css.note}>
            Checking every record against its column. You can close this; nothing has moved.
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
