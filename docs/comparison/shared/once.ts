// What must happen at least once: an effect that was cut off runs again with the same token.
import { randomUUID } from "node:crypto";
import { db } from "./record";

db.exec("CREATE TABLE IF NOT EXISTS effects (key TEXT PRIMARY KEY, token TEXT, result TEXT)");

export async function once<T>(key: string, effect: (token: string) => Promise<T>): Promise<T> {
  db.prepare("INSERT OR IGNORE INTO effects (key, token) VALUES (?, ?)").run(key, randomUUID());
  const row = db.prepare("SELECT token, result FROM effects WHERE key = ?").get(key) as { token: string; result: string | null };
  if (row.result !== null) return JSON.parse(row.result);
  const result = await effect(row.token);
  db.prepare("UPDATE effects SET result = ? WHERE key = ?").run(JSON.stringify(result ?? true), key);
  return result;
}
