/** What the engine refuses with; the same three fields in Rust, JSON and here. */
export interface AppError {
  code: string;
  message: string;
  details?: unknown;
}

/** Gives any thrown thing the one error shape; what is not ours gets code `internal`. */
export function toAppError(thrown: unknown): AppError {
  if (isAppError(thrown)) return thrown;
  if (typeof thrown === "object" && thrown !== null && "error" in thrown && isAppError(thrown.error)) {
    return thrown.error;
  }
  if (thrown instanceof Error) return { code: "internal", message: thrown.message };
  return { code: "internal", message: String(thrown) };
}

function isAppError(value: unknown): value is AppError {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as AppError).code === "string" &&
    typeof (value as AppError).message === "string"
  );
}

/** One next step for the codes a person meets most; the engine's message already says what happened and where. */
const NEXT_STEP: Record<string, string> = {
  connection_lost: "What you have typed is kept.",
  connection_failed: "Check the address and that the server is running.",
  not_a_workspace:
    "Choose another file. To bring in what another file holds, make a workspace and import it.",
  corrupt: "Keep a copy of the file before you do anything else with it.",
  stale_version: "Somebody changed this record since you read it. Look at both values and choose.",
  name_taken: "Choose another name.",
  field_in_use: "Remove the field from the entities that use it first.",
  internal: "This is a fault in Stoneware. Restart it; your records are safe.",
};

/** Nothing where the message has said it already. */
export function nextStep(error: AppError): string | undefined {
  const step = NEXT_STEP[error.code];
  return step && error.message.includes(step) ? undefined : step;
}
