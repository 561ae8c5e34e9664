// Our own, narrow view of socket.io-client: only what the live room uses, so that using more is a
// decision. Payloads are `unknown`: the receiver checks what it reads.

export interface SocketOptions {
  path?: string;
  transports?: ("websocket" | "polling")[];
  auth?: Record<string, unknown>;
  query?: Record<string, string>;
  forceNew?: boolean;
  multiplex?: boolean;
  autoConnect?: boolean;
  reconnection?: boolean;
  reconnectionAttempts?: number;
  reconnectionDelay?: number;
  reconnectionDelayMax?: number;
  randomizationFactor?: number;
  timeout?: number;
  ackTimeout?: number;
  retries?: number;
}

/** What the connect_error event carries when the server refuses. */
export interface ConnectError extends Error {
  data?: unknown;
}

type Listener = (...args: any[]) => void;

/** The connection below all namespaces of one page. */
export interface Manager {
  on(event: string, listener: Listener): this;
  off(event?: string, listener?: Listener): this;
  reconnection(on: boolean): this;
  engine: { close(): void };
}

export interface Socket {
  readonly id: string | undefined;
  readonly connected: boolean;
  readonly active: boolean;
  readonly recovered: boolean;
  readonly io: Manager;
  auth: Record<string, unknown> | ((done: (data: object) => void) => void);
  readonly volatile: this;
  connect(): this;
  disconnect(): this;
  on(event: string, listener: Listener): this;
  once(event: string, listener: Listener): this;
  off(event?: string, listener?: Listener): this;
  onAny(listener: (event: string, ...args: any[]) => void): this;
  emit(event: string, ...args: unknown[]): this;
  emitWithAck(event: string, ...args: unknown[]): Promise<unknown>;
  /** Milliseconds until an unanswered acknowledgement rejects. */
  timeout(milliseconds: number): this;
}

export function io(options?: SocketOptions): Socket;
export function io(namespace: string, options?: SocketOptions): Socket;
export default io;
