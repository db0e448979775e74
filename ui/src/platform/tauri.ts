// The only file that imports @tauri-apps/*.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { open, save } from "@tauri-apps/plugin-dialog";
import type { Platform } from "./platform";

export const tauri: Platform = {
  invoke: (command, args) => invoke(command, args),
  listen: (event, handler) => listen(event, (e) => handler(e.payload as never)),
  pickFile: async ({ title, filters }) => {
    const picked = await open({ title, filters, multiple: false, directory: false });
    return typeof picked === "string" ? picked : null;
  },
  pickSavePath: ({ title, filters, defaultName }) => save({ title, filters, defaultPath: defaultName }),
};
