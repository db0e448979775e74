import { connect, createServer, type Server, type Socket } from "node:net";

/** A line to a server that can be cut and mended, as a network is: nobody else at the server notices. */
export class Line {
  readonly port: number;
  private readonly to: { host: string; port: number };
  private listener: Server;
  private readonly open = new Set<Socket>();

  private constructor(to: { host: string; port: number }, listener: Server, port: number) {
    this.to = to;
    this.listener = listener;
    this.port = port;
  }

  static async to(host: string, port: number): Promise<Line> {
    const listener = createServer();
    const line = new Line({ host, port }, listener, await listening(listener, 0));
    line.serve();
    return line;
  }

  /** Ends every connection and lets nobody in. */
  async cut(): Promise<void> {
    const closed = new Promise((done) => this.listener.close(done));
    for (const socket of this.open) socket.destroy();
    await closed;
  }

  /** Lets everybody in again, at the same port. */
  async mend(): Promise<void> {
    this.listener = createServer();
    await listening(this.listener, this.port);
    this.serve();
  }

  private serve(): void {
    this.listener.on("connection", (socket) => {
      const server = connect(this.to);
      for (const [one, other] of [[socket, server], [server, socket]] as const) {
        this.open.add(one);
        one.on("close", () => {
          this.open.delete(one);
          other.destroy();
        });
        one.on("error", () => one.destroy());
        one.pipe(other);
      }
    });
  }
}

async function listening(listener: Server, port: number): Promise<number> {
  await new Promise<void>((done, fail) => {
    listener.once("error", fail);
    listener.listen(port, "127.0.0.1", done);
  });
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
