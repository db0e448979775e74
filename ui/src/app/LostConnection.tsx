import { CloudOff } from "lucide-react";
import { useEffect, useRef } from "react";
import { useConnectionLost } from "../api";
import { ProgressBar, Strip, toast } from "../shared";
import css from "./app.module.css";

/** A line over the window for as long as the server does not answer. What is on the screen stays, typed text too. */
export function LostConnection() {
  const lost = useConnectionLost();
  const was = useRef(lost);
  useEffect(() => {
    if (was.current && !lost) toast("Connected again. What is shown has been read anew.");
    was.current = lost;
  }, [lost]);
  if (!lost) return null;
  return (
    <Strip tone="warning" role="status" label="Connection" icon={<CloudOff size={16} aria-hidden />}>
      <p>
        Connection lost – trying again… <span className={css.muted}>What you have typed is kept.</span>
      </p>
      <div className={css.trying}>
        <ProgressBar label="Trying to connect" done={0} total={null} />
      </div>
    </Strip>
  );
}
