// What the programs here use of Node 20, where @types/node is not at hand.

declare const process: {
  argv: string[];
  env: Record<string, string | undefined>;
  exitCode?: number;
  exit(status: number): never;
};
interface ImportMeta { url: string }
declare const console: { log(...values: unknown[]): void; warn(...values: unknown[]): void; error(...values: unknown[]): void };
declare function setTimeout(fn: () => void, milliseconds: number): { unref(): void };
declare class URL {
  constructor(address: string);
  pathname: string;
}
declare class TextDecoder {
  constructor(encoding: string);
  decode(bytes: Uint8Array): string;
}
interface AbortSignal { readonly aborted: boolean }
declare const AbortSignal: { timeout(milliseconds: number): AbortSignal };
interface Response {
  readonly ok: boolean;
  readonly status: number;
}
declare function fetch(
  url: string, options?: { method?: string; headers?: Record<string, string>; body?: string; signal?: AbortSignal },
): Promise<Response>;

interface Buffer extends Uint8Array {
  toString(encoding?: "base64" | "utf8"): string;
}
declare const Buffer: { from(text: string, encoding?: "base64" | "utf8"): Buffer };

declare module "node:crypto" {
  export function randomUUID(): string;
  export function createHmac(algorithm: "sha256", key: Uint8Array): { update(text: string): { digest(form: "base64"): string } };
}
declare module "node:fs" {
  export function readFileSync(path: string): Buffer;
  export function readFileSync(path: string, encoding: "utf8"): string;
  export function writeFileSync(path: string, text: string): void;
  export function renameSync(from: string, to: string): void;
}
declare module "node:timers/promises" {
  export function setTimeout<T = void>(milliseconds: number, value?: T, options?: { ref: boolean }): Promise<T>;
  export function setImmediate(): Promise<void>;
}
declare module "node:assert/strict" {
  const assert: {
    equal(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown): void;
    match(text: string, pattern: RegExp): void;
  };
  export default assert;
}
declare module "node:test" {
  interface Call { arguments: any[] }
  interface Mocked { mock: { calls: Call[]; callCount(): number } }
  export const mock: {
    method(object: object, name: string, fn?: (...values: any[]) => unknown): Mocked;
    restoreAll(): void;
    timers: { enable(options: { apis: string[]; now?: number }): void; tick(milliseconds: number): void; reset(): void };
  };
  export function test(name: string, fn: () => void | Promise<void>): void;
  export function beforeEach(fn: () => void): void;
  export function afterEach(fn: () => void): void;
}
