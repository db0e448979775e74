import { useQuery } from "@tanstack/react-query";
import { commands } from "./bindings";
import { call, useCommand } from "./call";
import { keys } from "./keys";
import type { Connection } from "./types";
import { useSwitch } from "./workspace";

/** Reads a pasted address. */
export const useParseConnection = () => useCommand(commands.parseConnection);

/** Connects and goes again. */
export const useTestConnection = () => useCommand(commands.testConnection);

/** Opens a workspace on a server. Answers with the workspace and whether its password was kept. */
export function useConnectServer() {
  return useSwitch(commands.connect, ([info]) => info);
}

/** Whether the keyring holds a password for this connection, and why it can hold none. */
export function useKeptPassword(connection: Connection) {
  return useQuery({
    queryKey: [...keys.keptPassword, connection],
    queryFn: () => call(commands.keptPassword(connection)),
    // An unfinished address is no address: nothing is kept for it.
    retry: false,
    gcTime: 0,
  });
}
