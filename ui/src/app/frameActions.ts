import type { Action } from "../actions";
import { type Theme, usePrefs, useView } from "../shared";
import { openHelp } from "./HelpSheet";
import { openPalette } from "./paletteFocus";
import { TABS } from "./tabs";

const themes: { id: Theme; label: string }[] = [
  { id: "dark", label: "Use the dark theme" },
  { id: "light", label: "Use the light theme" },
  { id: "system", label: "Use the theme of the system" },
];

/** What the frame itself can do: go somewhere, show or hide a side, change the look. */
export const frameActions: Action[] = [
  {
    id: "palette.open",
    label: "Search or command",
    group: "Help",
    keys: "mod+K",
    whileTyping: true,
    run: openPalette,
  },
  { id: "help.open", label: "Keyboard shortcuts", group: "Help", keys: "? shift+?", run: openHelp },
  ...TABS.map(
    (tab, i): Action => ({
      id: `view.${tab.id}`,
      label: `Go to ${tab.label}`,
      group: "View",
      keys: `mod+${i + 1}`,
      whileTyping: true,
      run: () => useView.getState().setTab(tab.id),
    }),
  ),
  {
    id: "view.left",
    label: "Show or hide the entity list",
    group: "View",
    keys: "mod+B",
    whileTyping: true,
    run: () => usePrefs.getState().set({ leftOpen: !usePrefs.getState().leftOpen }),
  },
  {
    id: "view.right",
    label: "Show or hide the inspector",
    group: "View",
    keys: "mod+I",
    whileTyping: true,
    run: () => usePrefs.getState().set({ rightOpen: !usePrefs.getState().rightOpen }),
  },
  ...themes.map(
    (theme): Action => ({
      id: `theme.${theme.id}`,
      label: theme.label,
      group: "View",
      keywords: "appearance colour settings",
      when: () => usePrefs.getState().theme !== theme.id,
      run: () => usePrefs.getState().set({ theme: theme.id }),
    }),
  ),
];
