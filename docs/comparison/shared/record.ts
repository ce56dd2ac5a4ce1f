// The links that were asked for, by key, and the payments that were seen: on the disk before and after each request.
// Two processes at once are not kept apart: start this under flock.
import { DecimalAmount, UnixTimestamp } from "@1shotapi/1shotpay-common";
import type { IPayLink, IPayLinkOptions } from "@1shotapi/1shotpay-server-sdk";
import Database from "better-sqlite3";
import { now, server } from "./service";

export const db = new Database(process.env.SHOP_DB ?? "shop.db");
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(`CREATE TABLE IF NOT EXISTS links (key TEXT PRIMARY KEY, terms TEXT, is_sent INTEGER DEFAULT 0, link TEXT);
  CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, key TEXT, amount INTEGER, made_at INTEGER)`);

interface Row { key: string; terms: string; is_sent: number; link: string | null }
export const rowOf = (key: string) => db.prepare("SELECT * FROM links WHERE key = ?").get(key) as Row | undefined;
export const rowsOf = (prefix: string) =>
  db.prepare("SELECT * FROM links WHERE key LIKE ? || '%' AND link NOT NULL").all(prefix) as (Row & { link: string })[];

// The service shows only the newest payment: each that is seen is kept.
export function saveLink(key: string, link: IPayLink): void {
  db.prepare("UPDATE links SET link = ? WHERE key = ?").run(JSON.stringify(link), key);
  const payment = link.mostRecentPayment;
  if (!payment) return;
  db.prepare("INSERT OR IGNORE INTO payments VALUES (?, ?, ?, ?)").run(payment.id, key, payment.amount, payment.createdTimestamp);
}

export async function createOnce(
  key: string, amount: string, description: string, seconds: number, options: IPayLinkOptions = {},
): Promise<IPayLink> {
  const terms = JSON.stringify([amount, description, seconds, options]);
  db.prepare("INSERT OR IGNORE INTO links (key, terms) VALUES (?, ?)").run(key, terms);
  const row = rowOf(key)!;
  if (row.terms !== terms) throw new Error(`${key} was used with other terms: ${row.terms}`);
  if (row.link) return JSON.parse(row.link);
  // The service has no idempotency key and no list of links: what became of a request that was cut off cannot be asked.
  if (row.is_sent) console.warn(`${key}: an earlier request may have made a link as well`);
  db.prepare("UPDATE links SET is_sent = 1 WHERE key = ?").run(key);
  const expirationTimestamp = UnixTimestamp(now() + seconds);
  const created = await server.createPayLink(DecimalAmount(Number(amount)), description, { expirationTimestamp, ...options });
  if (created.isErr()) {
    if (created.error.message.startsWith("HTTP 4")) db.prepare("UPDATE links SET is_sent = 0 WHERE key = ?").run(key);
    throw created.error;
  }
  saveLink(key, created.value);
  return created.value;
}
