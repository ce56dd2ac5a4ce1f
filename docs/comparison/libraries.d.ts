// What the programs here use of other packages: the ones that a developer would take for this.

declare module "better-sqlite3" {
  interface Statement {
    run(...values: unknown[]): { changes: number };
    get(...values: unknown[]): unknown;
    all(...values: unknown[]): unknown[];
  }
  export default class Database {
    constructor(path: string);
    pragma(text: string): unknown;
    exec(text: string): this;
    prepare(text: string): Statement;
  }
}

declare module "nodemailer" {
  export interface Mail {
    from: string;
    to: string;
    subject: string;
    text: string;
    messageId?: string;
    attachments?: { filename: string; content: string }[];
  }
  export interface Transporter {
    sendMail(mail: Mail): Promise<{ accepted: string[]; rejected: string[] }>;
  }
  const nodemailer: { createTransport(address: string): Transporter };
  export default nodemailer;
}

declare module "csv-parse/sync" {
  export function parse(
    text: string, options: { columns: true; delimiter?: string; bom?: boolean; skip_empty_lines?: boolean; info: true },
  ): { record: Record<string, string>; info: { lines: number } }[];
}

declare module "csv-stringify/sync" {
  export function stringify(rows: object[], options: {
    header: true; columns: string[]; delimiter?: string; bom?: boolean; escape_formulas?: boolean; record_delimiter?: "windows" | "unix";
  }): string;
}

declare module "p-map" {
  export default function pMap<A, B>(
    items: Iterable<A>, fn: (item: A, index: number) => Promise<B>, options: { concurrency: number },
  ): Promise<B[]>;
}

declare module "isolated-vm" {
  class Reference<T> {
    constructor(value: T);
  }
  class Isolate {
    constructor(options: { memoryLimit: number });
    createContext(): Promise<Context>;
    compileScript(code: string, options?: { filename: string }): Promise<{ run(context: Context, options: { timeout: number; promise: true }): Promise<unknown> }>;
    dispose(): void;
  }
  interface Context {
    global: { set(name: string, value: unknown, options?: { copy: true }): Promise<void> };
    evalClosure(code: string, values: unknown[]): Promise<unknown>;
  }
  const ivm: { Isolate: typeof Isolate; Reference: typeof Reference };
  export default ivm;
}
