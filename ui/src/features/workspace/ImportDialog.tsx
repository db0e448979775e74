import { Button, Modal, TextInput } from "@mantine/core";
import { useCallback, useState } from "react";
import { type ImportProgress, type ImportReport, useCancelImport, useImportProgress } from "../../api";
import {
  DialogButtons,
  ErrorNotice,
  formatDuration,
  formatNumber,
  ProgressBar,
  plural,
  SectionLabel,
} from "../../shared";
import { ImportServer } from "./ImportServer";
import { entityNameFrom, patchImport, sourceName, useImport } from "./importState";
import { HINT_BELOW } from "./ServerFields";
import css from "./start.module.css";
import { useRunImport } from "./useImporting";

/** What and whereto, progress, report: the stages of an import. Closing it while it runs only puts it away. */
export function ImportDialog() {
  const current = useImport((s) => s.current);
  const hear = useCallback((progress: ImportProgress) => patchImport({ progress }), []);
  useImportProgress(hear);
  const run = useRunImport();
  const cancel = useCancelImport();
  if (!current) return null;

  const close = () => {
    if (current.stage === "running") patchImport({ shown: false });
    else useImport.setState({ current: null });
  };
  const { from, stage } = current;
  const name = sourceName(from);
  const title = stage === "connecting" ? "Import from a Postgres database" : `Import ${name}`;
  return (
    <Modal
      opened={current.shown}
      onClose={close}
      title={title}
      centered
      size={stage === "connecting" ? 520 : 480}
    >
      {stage === "naming" && "path" in from && (
        <Naming path={from.path} onCancel={close} onImport={(entity) => run(from, entity)} />
      )}
      {stage === "connecting" && "connection" in from && (
        <ImportServer
          from={from}
          error={current.error}
          onCancel={close}
          onImport={(chosen) => run(chosen, null)}
        />
      )}
      {stage === "running" && (
        <div className={css.importing}>
          <p className={css.importLine}>
            <span className="sw-ellipsis">
              {current.progress?.entity ?? ("path" in from ? "Reading the file" : "Reading the database")}
            </span>
            <span className="sw-num">{count(current.progress)}</span>
          </p>
          <ProgressBar
            label={`Importing ${name}`}
            done={current.progress?.done ?? 0}
            total={current.progress?.total ?? null}
            tone="clay"
          />
          <p className={css.importNote}>It goes on when you close this.</p>
          <DialogButtons>
            <Button onClick={() => cancel.mutate([])} disabled={cancel.isPending}>
              Cancel
            </Button>
          </DialogButtons>
        </div>
      )}
      {stage === "done" && current.report && <Report report={current.report} onClose={close} />}
      {stage === "failed" && (
        <>
          <ErrorNotice error={current.error} />
          <DialogButtons>
            <Button onClick={close}>Close</Button>
          </DialogButtons>
        </>
      )}
    </Modal>
  );
}

function count(progress: ImportProgress | null): string {
  if (!progress) return "";
  const done = formatNumber(progress.done);
  return progress.total === null
    ? plural(progress.done, "record")
    : `${done} of ${formatNumber(progress.total)}`;
}

function Naming(props: { path: string; onImport: (entity: string) => void; onCancel: () => void }) {
  const [name, setName] = useState(entityNameFrom(props.path));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) props.onImport(name.trim());
      }}
    >
      <TextInput
        label="Into the entity"
        description="It is made from the file if there is none of that name"
        inputWrapperOrder={HINT_BELOW}
        value={name}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <DialogButtons>
        <Button onClick={props.onCancel}>Cancel</Button>
        <Button type="submit" variant="filled" disabled={!name.trim()}>
          Import
        </Button>
      </DialogButtons>
    </form>
  );
}

function Report({ report, onClose }: { report: ImportReport; onClose: () => void }) {
  const facts: [string, number][] = [
    ["Entities", report.entities.length],
    ["Records", report.records],
    ["Relationships", report.relationships + report.many_to_many],
    ["Links", report.links],
  ];
  return (
    <div className={css.importing}>
      <dl className={css.facts}>
        {facts
          .filter(([, n]) => n > 0)
          .map(([what, n]) => (
            <div key={what}>
              <dt>{what}</dt>
              <dd>{formatNumber(n)}</dd>
            </div>
          ))}
        <div>
          <dt>Time</dt>
          <dd>{formatDuration(report.seconds)}</dd>
        </div>
      </dl>
      {report.kept > 0 && (
        <p className={css.importNote}>
          {plural(report.kept, "value")} kept as they were, though they do not fit the type of their field
        </p>
      )}
      {report.not_carried.length > 0 && (
        <section>
          <SectionLabel>Not carried over</SectionLabel>
          <ul className={css.notCarried}>
            {report.not_carried.map((n) => (
              <li key={`${n.kind}:${n.name}`}>
                <strong>{n.name}</strong> <span>{n.kind.replace("_", " ")}</span>
                <p>{n.reason}</p>
              </li>
            ))}
          </ul>
        </section>
      )}
      <DialogButtons>
        <Button variant="filled" data-autofocus onClick={onClose}>
          Done
        </Button>
      </DialogButtons>
    </div>
  );
}
