// TZ=Europe/Berlin node daily-report.js: what was received the day before, as a table and as a mail.
import { EPayLinkStatus } from "@1shotapi/1shotpay-common";
import type { IPayLink } from "@1shotapi/1shotpay-server-sdk";
import { stringify } from "csv-stringify/sync";
import { renameSync, writeFileSync } from "node:fs";
import nodemailer from "nodemailer";
import pMap from "p-map";
import { once } from "./shared/once";
import { db, rowsOf, saveLink } from "./shared/record";
import { look, usd } from "./shared/service";

const today = new Date();
const midnight = (days: number) => new Date(today.getFullYear(), today.getMonth(), today.getDate() + days);
const [from, to] = [midnight(-1).getTime() / 1000, midnight(0).getTime() / 1000];
const pad = (number: number) => String(number).padStart(2, "0");
const day = `${midnight(-1).getFullYear()}-${pad(midnight(-1).getMonth() + 1)}-${pad(midnight(-1).getDate())}`;

// Those that may have been paid since anybody looked: open ones, and, as payments come late, those that expired lately.
const all = () => rowsOf("").map(({ key, link }) => ({ key, link: JSON.parse(link) as IPayLink }));
const stale = all().filter(({ link }) => link.status === EPayLinkStatus.Expired
  ? link.expirationTimestamp > from - 86_400 : link.status !== EPayLinkStatus.Paid || link.reuseable);
let notLookedAt = 0;
await pMap(stale, async ({ key, link }) => {
  try {
    saveLink(key, await look(link.id));
  } catch (error) {
    notLookedAt++;
    console.warn(`${key}: not seen: ${error}`);
  }
}, { concurrency: 4 });

interface Payment { id: string; key: string; amount: number; made_at: number }
const payments = db.prepare("SELECT * FROM payments ORDER BY made_at").all() as Payment[];
const isOfDay = (time: number) => time >= from && time < to;
const links = new Map(all().map(({ key, link }) => [key, link]));
const sum = (amounts: number[]) => usd(amounts.reduce((total, amount) => total + amount, 0));
const rows = payments.filter(({ made_at }) => isOfDay(made_at)).map((payment) => {
  const link = links.get(payment.key)!;
  const over = link.payerDefinedAmount ? 0 : payment.amount - link.amount;
  return { ...payment, link, missing: Math.max(0, -over), over: Math.max(0, over), isLate: payment.made_at >= link.expirationTimestamp };
});
let neverSeen = 0;
for (const key of new Set(rows.map(({ key }) => key))) {
  neverSeen += links.get(key)!.paymentCount - payments.filter((payment) => payment.key === key).length;
}
const notShown = [...links.values()].filter((link) =>
  link.status === EPayLinkStatus.Paid && !link.mostRecentPayment && isOfDay(link.updatedTimestamp)).length;

const table = stringify(rows.map((row) => ({
  key: row.key, asked: usd(row.link.amount), received: usd(row.amount), missing: row.missing ? usd(row.missing) : "",
  overpaid: row.over ? usd(row.over) : "", late: row.isLate ? "yes" : "no", paid_at: new Date(row.made_at * 1000).toString(),
  id: row.link.id,
})), { header: true, columns: ["key", "asked", "received", "missing", "overpaid", "late", "paid_at", "id"], escape_formulas: true });
writeFileSync("report.csv.tmp", table);
renameSync("report.csv.tmp", "report.csv");

const short = rows.filter(({ missing }) => missing > 0), over = rows.filter((row) => row.over > 0);
const line = (what: string, count: number, note = "") => `${what.padEnd(14)} ${String(count).padStart(4)}${note && "  " + note}`;
const lines = [
  line("received", rows.length, `${sum(rows.map(({ amount }) => amount))} USD`),
  line("paid in full", rows.length - short.length),
  line("  too much", over.length, `${sum(over.map((row) => row.over))} USD`),
  line("  after expiry", rows.filter(({ isLate }) => isLate).length),
  line("paid short", short.length, `${sum(short.map(({ missing }) => missing))} USD missing`),
];
if (notShown > 0) lines.push(line("not shown yet", notShown, "paid, the amount is not known"));
if (neverSeen > 0) {
  lines.push(line("never seen", neverSeen, "earlier payments of reusable links: what they brought is not in here"));
}
if (notLookedAt > 0) lines.push(line("not looked at", notLookedAt, "their payments are not in here"));
const text = lines.join("\n");
console.log(text);

const mailer = nodemailer.createTransport(process.env.SMTP_URL ?? "smtp://localhost");
await once(`report:${day}`, (token) => mailer.sendMail({
  from: "shop@example.com", to: "owner@example.com", subject: `Received on ${day}`, text, messageId: `<${token}@example.com>`,
  attachments: [{ filename: "report.csv", content: table }],
}));
console.log("sent to owner@example.com");
