import { Button, Modal, TextInput } from "@mantine/core";
import { useCallback, useState } from "react";
import {
  type ImportProgress,
  type ImportReport,
  useCancelImport,
  useImportFile,
  useImportProgress,
} from "../../api";
import {
  DialogButtons,
  ErrorNotice,
  fileName,
  formatDuration,
  formatNumber,
  ProgressBar,
  plural,
  SectionLabel,
} from "../../shared";
import { entityNameFrom, patchImport, useImport } from "./importState";
import css from "./start.module.css";

/** Name of the entity, progress, report: the stages of an import. Closing it while it runs only puts it away. */
export function ImportDialog() {
  const current = useImport((s) => s.current);
  const hear = useCallback((progress: ImportProgress) => patchImport({ progress }), []);
  useImportProgress(hear);
  const run = useImportFile();
  const cancel = useCancelImport();
  if (!current) return null;

  const close = () => {
    if (current.stage === "running") patchImport({ shown: false });
    else useImport.setState({ current: null });
  };
  const name = fileName(current.path);
  return (
    <Modal opened={current.shown} onClose={close} title={`Import ${name}`} centered size={480}>
      {current.stage === "naming" && (
        <Naming
          path={current.path}
          onCancel={close}
          onImport={(entity) => startImport(run, current.path, entity)}
        />
      )}
      {current.stage === "running" && (
        <div className={css.importing}>
          <p className={css.importLine}>
            <span className="sw-ellipsis">{current.progress?.entity ?? "Reading the file"}</span>
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
      {current.stage === "done" && current.report && <Report report={current.report} onClose={close} />}
      {current.stage === "failed" && (
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

/** Runs the import of `path`; entity is null for a database. */
export function startImport(
  run: ReturnType<typeof useImportFile>,
  path: string,
  entity: string | null,
): void {
  useImport.setState({
    current: { path, stage: "running", progress: null, report: null, error: null, shown: true },
  });
  run.mutate([path, null, entity, false], {
    onSuccess: (report) => patchImport({ stage: "done", report, shown: true }),
    onError: (error) => patchImport({ stage: "failed", error, shown: true }),
  });
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
