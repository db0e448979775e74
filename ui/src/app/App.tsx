// Where to look, from what knows nothing to what knows all (tests/fence.test.ts holds the order):
//   shared/    tokens, theme, small components, formats, the error shape, view state. Knows no data.
//   platform/  the system behind one interface; tauri.ts is the only file that imports @tauri-apps.
//   api/       one hook per query and mutation of the engine; bindings.ts is generated from Rust.
//   actions/   the one list of actions that feeds palette, shortcuts, help and menus.
//   features/  one folder a subject; each gives its panels through index.ts and imports no other feature.
//   app/       puts the panels into the frame. Nothing else knows two features at once.
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { usePrefs } from "../shared";
import { cssVariablesResolver, theme } from "../shared/theme";
import { Frame } from "./Frame";
import { queryClient } from "./queryClient";
import { useTheme } from "./useTheme";

export function App() {
  const scheme = useTheme(usePrefs((s) => s.theme));
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} forceColorScheme={scheme}>
      <QueryClientProvider client={queryClient}>
        <Notifications className="sw-toasts" position="bottom-center" limit={3} transitionDuration={150} />
        <Frame />
      </QueryClientProvider>
    </MantineProvider>
  );
}
