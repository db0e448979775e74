import { useMediaQuery } from "@mantine/hooks";
import type { Theme } from "../shared";

/** The scheme to draw in: the person's choice, or the system's when they left it to the system. */
export function useTheme(choice: Theme): "dark" | "light" {
  const dark = useMediaQuery("(prefers-color-scheme: dark)", true, { getInitialValueInEffect: false });
  return choice === "system" ? (dark ? "dark" : "light") : choice;
}
