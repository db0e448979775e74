/** Everything the window asks of the system it runs in. Tests put their own in place with `setPlatform`. */
export interface Platform {
  /** Calls a command of the shell; rejects with `{code, message, details}`. */
  invoke<T>(command: string, args?: Record<string, unknown>): Promise<T>;
  /** Hears an event of the shell until the returned function is called. */
  listen<T>(event: string, handler: (payload: T) => void): Promise<() => void>;
  /** A path to read, or null when the person thought better of it. */
  pickFile(options: FileDialog): Promise<string | null>;
  /** A path to write, or null. */
  pickSavePath(options: FileDialog): Promise<string | null>;
}

export interface FileDialog {
  title: string;
  defaultName?: string;
  filters?: { name: string; extensions: string[] }[];
}
