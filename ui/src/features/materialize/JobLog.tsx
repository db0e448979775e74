import { CopyButton } from "@mantine/core";
import type { Job } from "../../api";
import { SectionLabel } from "../../shared";
import { logLines } from "./log";
import css from "./materialize.module.css";

/** What a job has been through, as text that can be copied. */
export function JobLog({ job }: { job: Job }) {
  if (job.log.length === 0) return null;
  const lines = logLines(job);
  return (
    <section className={css.log} aria-label="Log">
      <SectionLabel
        action={
          <CopyButton value={`${lines.join("\n")}\n`}>
            {({ copied, copy }) => (
              <button type="button" className={css.link} onClick={copy}>
                {copied ? "Copied" : "Copy log"}
              </button>
            )}
          </CopyButton>
        }
      >
        Log
      </SectionLabel>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable to be scrolled by keys */}
      <div className={`${css.logText} sw-selectable`} tabIndex={0}>
        {lines.slice(1).map((line, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line of a log stays where it is
          <div key={i} className={css.logLine}>
            {line}
          </div>
        ))}
      </div>
    </section>
  );
}
