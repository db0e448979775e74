/** What a file dialog shows where a workspace is asked for. */
export const WORKSPACE_FILES = [{ name: "Stoneware workspace", extensions: ["db", "sqlite", "stoneware"] }];
