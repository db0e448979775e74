import { useState } from "react";
import {
  type Connection,
  type ServerInfo,
  useKeptPassword,
  useParseConnection,
  useTestConnection,
} from "../../api";
import { type AppError, toAppError } from "../../shared";
import { type Place, placeOf } from "./connectState";

interface Start {
  connection: Connection;
  password: string | null;
  /** Why it was refused the last time. */
  error: AppError | null;
}

/** What a person has said about a server, and what the server has said to it. For whichever form asks. */
export function useServerForm(start: Start, pasted: (connection: Connection) => Connection = (c) => c) {
  const [connection, setConnection] = useState(start.connection);
  const [password, setPassword] = useState(start.password);
  const [error, setError] = useState(start.error);
  const [found, setFound] = useState<ServerInfo | null>(null);
  const parse = useParseConnection();
  const test = useTestConnection();
  const kept = useKeptPassword(connection);

  // What was found out holds for what it was asked of.
  const forget = () => {
    setFound(null);
    setError(null);
  };
  const set = (patch: Partial<Connection>) => {
    forget();
    setConnection((before) => ({ ...before, ...patch }));
  };
  const fail = (thrown: unknown) => {
    setFound(null);
    setError(toAppError(thrown));
  };
  const at = placeOf(error);
  return {
    connection,
    password,
    error,
    found,
    kept: kept.data,
    /** Somebody was here before: the password is what is most likely missing. */
    again: start.error !== null,
    testing: test.isPending,
    /** The control the error belongs to. */
    at,
    /** The error's words, where it belongs to one of these. */
    wrong: (...places: Place[]) => (at && places.includes(at) ? error?.message : undefined),
    set,
    fail,
    forget,
    setPassword: (text: string) => {
      forget();
      setPassword(text);
    },
    paste: (address: string) =>
      parse.mutate([address], {
        onSuccess: (parsed) => {
          set(pasted(parsed.connection));
          if (parsed.password !== null) setPassword(parsed.password);
        },
        onError: fail,
      }),
    test: () => {
      forget();
      test.mutate([connection, password], { onSuccess: setFound, onError: fail });
    },
    /** Whether it can be reached: where not, it is said at its place. */
    reach: async () => {
      forget();
      return test.mutateAsync([connection, password]).then(
        () => true,
        (thrown) => {
          fail(thrown);
          return false;
        },
      );
    },
  };
}

export type ServerForm = ReturnType<typeof useServerForm>;
