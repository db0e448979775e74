import { ProgressBar, useDelayed } from "../../shared";
import css from "./materialize.module.css";

/** A plan reads every record, so on a big entity it takes a while. */
export function Checking() {
  const late = useDelayed();
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
