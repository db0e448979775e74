import { Button, Modal, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, useCallback, useState } from "react";
import { type CopyProgress, useCancelCopy, useCopyProgress, useCopyWorkspace } from "../../api";
import { platform } from "../../platform";
import {
  DialogButtons,
  ErrorNotice,
  formatClock,
  formatDuration,
  formatNumber,
  ProgressBar,
  placeName,
  plural,
} from "../../shared";
import { isAddress } from "./connectState";
import { type CopyState, isUnfinished, patchCopy, useCopy } from "./copyState";
import { HINT_BELOW } from "./ServerFields";
import css from "./start.module.css";

/** The whole workspace to another place: where to, how far, what came along. Closing it while it runs only puts it away. */
export function CopyDialog() {
  const current = useCopy((s) => s.current);
  const hear = useCallback((progress: CopyProgress) => patchCopy({ progress }), []);
  useCopyProgress(hear);
  const run = useCopyWorkspace();
  const cancel = useCancelCopy();
  if (!current) return null;
  const close = () => {
    if (current.stage === "running") patchCopy({ shown: false });
    else useCopy.setState({ current: null });
  };
  const start = (to: string, password: string) => {
    patchCopy({ to, password, stage: "running", progress: null, error: null });
    run.mutate([to, password === "" ? null : password], {
      onSuccess: (report) => patchCopy({ stage: "done", report, shown: true }),
      onError: (error) => patchCopy({ stage: "choosing", error, shown: true }),
    });
  };
  return (
    <Modal opened={current.shown} onClose={close} title="Copy the workspace" centered size={520}>
      {current.stage === "choosing" && <Choosing current={current} onCopy={start} onCancel={close} />}
      {current.stage === "running" && (
        <Running current={current} cancelling={cancel.isPending} onCancel={() => cancel.mutate([])} />
      )}
      {current.stage === "done" && current.report && <Done current={current} onClose={close} />}
    </Modal>
  );
}

function Choosing(props: {
  current: CopyState;
  onCopy: (to: string, password: string) => void;
  onCancel: () => void;
}) {
  const [to, setTo] = useState(props.current.to);
  const [password, setPassword] = useState(props.current.password);
  const server = isAddress(to);
  const unfinished = isUnfinished(props.current) && to.trim() === props.current.to;
  const choose = async () => {
    const path = await platform().pickSavePath({
      title: "Copy the workspace to",
      defaultName: "copy.db",
      filters: [{ name: "Workspace", extensions: ["db"] }],
    });
    if (path) setTo(path);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (to.trim()) props.onCopy(to.trim(), server ? password : "");
  };
  return (
    <form className={css.importing} aria-label="Copy" onSubmit={submit}>
      <p className={css.importNote}>
        Entities, records, links, positions and history, from a file to a server or the other way. This
        workspace stays as it is.
      </p>
      <TextInput
        label="To"
        description="An empty place: a new file, or the address of a server, postgres://user@host/database?schema=name"
        inputWrapperOrder={HINT_BELOW}
        value={to}
        data-autofocus
        spellCheck={false}
        onChange={(event) => setTo(event.currentTarget.value)}
      />
      {server && (
        <PasswordInput
          label="Password"
          placeholder="the one in the keyring, where there is one"
          value={password}
          autoComplete="off"
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      )}
      {props.current.error?.code === "cancelled" ? (
        <p className={css.importNote} role="status">
          Stopped. What has been copied stays there; it is no workspace before the copy has ended.
        </p>
      ) : (
        props.current.error && <ErrorNotice error={props.current.error} />
      )}
      <DialogButtons>
        <Button onClick={() => void choose()}>Choose a file</Button>
        <Button onClick={props.onCancel}>Cancel</Button>
        <Button type="submit" variant="filled" disabled={to.trim() === ""}>
          {unfinished ? "Go on" : "Copy"}
        </Button>
      </DialogButtons>
    </form>
  );
}

const PHASES: Partial<Record<CopyProgress["phase"], string>> = {
  validate: "Looking at",
  copy: "Copying",
  verify: "Comparing",
};

function Running(props: { current: CopyState; cancelling: boolean; onCancel: () => void }) {
  const step = props.current.progress;
  return (
    <div className={css.importing}>
      <p className={css.importLine}>
        <span className="sw-ellipsis">
          {step ? `${PHASES[step.phase] ?? "At"} ${step.entity}` : "Reaching both places"}
        </span>
        <span className="sw-num">
          {step && `${formatNumber(step.overall_done)} of ${formatNumber(step.overall_total)}`}
        </span>
      </p>
      <ProgressBar
        label="Copying the workspace"
        done={step?.overall_done ?? 0}
        total={step?.overall_total ?? null}
      />
      <p className={css.importLine}>
        <span className="sw-num">{step && step.rate > 0 ? `${formatNumber(step.rate)} rows/s` : ""}</span>
        <span className="sw-num">{step?.eta_s != null ? `${formatClock(step.eta_s)} left` : ""}</span>
      </p>
      <p className={css.importNote}>
        It goes on when you close this. Stopped, the same copy can be gone on with later.
      </p>
      <DialogButtons>
        <Button onClick={props.onCancel} disabled={props.cancelling}>
          Cancel
        </Button>
      </DialogButtons>
    </div>
  );
}

function Done({ current, onClose }: { current: CopyState; onClose: () => void }) {
  const report = current.report;
  if (!report) return null;
  return (
    <div className={css.importing} role="status">
      <p className={css.importLine}>
        <span>
          {plural(report.entities, "entity", "entities")}, {plural(report.records, "record")} and{" "}
          {plural(report.links, "link")} are at {placeName(current.to)}.
        </span>
        <span className="sw-num">{formatDuration(report.seconds)}</span>
      </p>
      <p className={css.importNote}>
        Every row was read back and compared.
        {report.resumed && " What an earlier copy had begun was gone on with."}
      </p>
      <DialogButtons>
        <Button data-autofocus variant="filled" onClick={onClose}>
          Done
        </Button>
      </DialogButtons>
    </div>
  );
}
