import { notifications } from "@mantine/notifications";
import { toAppError } from "./error";

/** A discreet word after an edit, with at most one thing to do about it; one with the same `key` takes the place of the last. */
export function toast(message: string, action?: { label: string; run: () => void }, key?: string): void {
  if (key) notifications.hide(key);
  const id = notifications.show({
    ...(key ? { id: key } : {}),
    message: (
      <span className="sw-toast">
        <span>{message}</span>
        {action && (
          <button
            type="button"
            onClick={() => {
              notifications.hide(id);
              action.run();
            }}
          >
            {action.label}
          </button>
        )}
      </span>
    ),
    autoClose: action ? 6000 : 4000,
    withBorder: true,
    className: "sw-toast-box",
    role: "status",
  });
}

/** Takes back what was said under a key. */
export function hushToast(key: string): void {
  notifications.hide(key);
}

/** For a failure that has no place of its own on the screen; prefer ErrorNotice where there is one. */
export function toastError(thrown: unknown, context?: string): void {
  const error = toAppError(thrown);
  notifications.show({
    message: context ? `${context}: ${error.message}` : error.message,
    color: "red",
    withBorder: true,
    className: "sw-toast-box",
    autoClose: 10_000,
    role: "alert",
  });
}
