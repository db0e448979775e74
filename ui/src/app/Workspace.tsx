import { useEffect, useRef } from "react";
import type { WorkspaceInfo } from "../api";
import { DiagramPanel, useDiagramActions } from "../features/diagram";
import { EntityInspector } from "../features/entity";
import { HistoryPanel, useHistoryActions, useUndoToast } from "../features/history";
import {
  InterruptedNotice,
  MaterializePanel,
  StorageCard,
  useJobEndToast,
  useMaterialize,
  useMaterializeActions,
} from "../features/materialize";
import { RecordsPanel } from "../features/records";
import { DropDialog, EntityPanel, useEntityActions } from "../features/workspace";
import { PANEL, ResizeHandle, usePrefs, useView } from "../shared";
import css from "./app.module.css";
import { LostConnection } from "./LostConnection";
import { StatusBar } from "./StatusBar";
import { TopBar } from "./TopBar";

const CENTRE = { diagram: DiagramPanel, records: RecordsPanel, history: HistoryPanel };

/** An open workspace: bar, tree, centre, inspector, status. */
export function Workspace({ info }: { info: WorkspaceInfo }) {
  const prefs = usePrefs();
  const tab = useView((s) => s.tab);
  const materializing = useMaterialize((s) => s.panel !== null);
  const Centre = CENTRE[tab];
  const right = useRef<HTMLElement>(null);
  const wasMaterializing = useRef(materializing);
  // What had the focus is gone when the right column changes its content, so the column takes it over; but not from
  // what has taken it meanwhile, as the question a plan was asked from; and what asked for a plan gets it back.
  useEffect(() => {
    const gone = [null, document.body, right.current].includes(document.activeElement as HTMLElement | null);
    if (wasMaterializing.current !== materializing && (materializing || gone)) {
      right.current?.focus({ preventScroll: true });
      const back = useMaterialize.getState().backTo;
      if (!materializing && (back instanceof HTMLElement || back instanceof SVGElement))
        back.focus({ preventScroll: true });
    }
    wasMaterializing.current = materializing;
  }, [materializing]);
  // A plan needs room for its SQL, so the right column is wider while one is open.
  const planning = useMaterialize((s) => s.panel?.job === null);
  const rightWidth = planning ? Math.max(prefs.rightWidth, 480) : prefs.rightWidth;
  useEntityActions();
  useDiagramActions();
  useHistoryActions();
  useUndoToast();
  useMaterializeActions();
  useJobEndToast();

  return (
    <div className={css.frame}>
      <TopBar info={info} />
      <LostConnection />
      <InterruptedNotice />
      <div className={css.columns}>
        {prefs.leftOpen && (
          <>
            <nav className={css.left} style={{ width: prefs.leftWidth }} aria-label="Workspace">
              <EntityPanel />
            </nav>
            <ResizeHandle
              label="Width of the entity list"
              side="left"
              width={prefs.leftWidth}
              {...PANEL.left}
              onChange={(leftWidth) => prefs.set({ leftWidth })}
            />
          </>
        )}
        <main className={css.centre}>
          <div className={css.centrePanel} id={`panel-${tab}`} role="tabpanel" aria-labelledby={`tab-${tab}`}>
            <Centre />
          </div>
        </main>
        {(prefs.rightOpen || materializing) && (
          <>
            <ResizeHandle
              label="Width of the inspector"
              side="right"
              width={rightWidth}
              {...PANEL.right}
              onChange={(width) => prefs.set({ rightWidth: width })}
            />
            <aside
              ref={right}
              className={css.right}
              style={{ width: rightWidth }}
              aria-label="Inspector"
              tabIndex={-1}
            >
              {materializing ? (
                <MaterializePanel />
              ) : (
                <EntityInspector storage={(entity) => <StorageCard entity={entity} />} />
              )}
            </aside>
          </>
        )}
      </div>
      <StatusBar info={info} />
      <DropDialog />
    </div>
  );
}
