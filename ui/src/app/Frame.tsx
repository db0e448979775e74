import { useActions, useShortcuts } from "../actions";
import { DiagramPanel } from "../features/diagram";
import { EntityInspector } from "../features/entity";
import { RecordsPanel } from "../features/records";
import { PANEL, ResizeHandle, usePrefs, useView } from "../shared";
import css from "./app.module.css";
import { frameActions } from "./frameActions";
import { HelpSheet } from "./HelpSheet";
import { Palette } from "./Palette";
import { StatusBar } from "./StatusBar";
import { TopBar } from "./TopBar";

/** The window with a workspace open: bar, tree, centre, inspector, status. */
export function Frame() {
  const prefs = usePrefs();
  const tab = useView((s) => s.tab);
  useActions("frame", frameActions);
  useShortcuts();

  return (
    <div className={css.frame}>
      <TopBar />
      <div className={css.columns}>
        {prefs.leftOpen && (
          <>
            <nav className={css.left} style={{ width: prefs.leftWidth }} aria-label="Workspace" />
            <ResizeHandle
              label="Width of the entity list"
              side="left"
              width={prefs.leftWidth}
              {...PANEL.left}
              onChange={(leftWidth) => prefs.set({ leftWidth })}
            />
          </>
        )}
        <main className={css.centre} id={`panel-${tab}`} role="tabpanel" aria-labelledby={`tab-${tab}`}>
          {tab === "diagram" && <DiagramPanel />}
          {tab === "records" && <RecordsPanel />}
        </main>
        {prefs.rightOpen && (
          <>
            <ResizeHandle
              label="Width of the inspector"
              side="right"
              width={prefs.rightWidth}
              {...PANEL.right}
              onChange={(rightWidth) => prefs.set({ rightWidth })}
            />
            <aside className={css.right} style={{ width: prefs.rightWidth }} aria-label="Inspector">
              <EntityInspector />
            </aside>
          </>
        )}
      </div>
      <StatusBar />
      <Palette />
      <HelpSheet />
    </div>
  );
}
