// Draws a part of the window as the app does: theme, queries, and the stand-in behind it.
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { useActions, useShortcuts } from "../src/actions";
import { useWorkspaceEvents } from "../src/api";
import { theme } from "../src/shared/theme";

export function draw(node: ReactNode) {
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  return render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={client}>
        <Live>{node}</Live>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

function Live({ children }: { children: ReactNode }) {
  useWorkspaceEvents();
  useShortcuts();
  useActions("test", []);
  return children;
}
