// node subscription.js, each morning: the month's links, two reminders while one is open, and a word to the owner.
import { EPayLinkStatus } from "@1shotapi/1shotpay-common";
import type { IPayLink } from "@1shotapi/1shotpay-server-sdk";
import { parse } from "csv-parse/sync";
import { readFileSync } from "node:fs";
import nodemailer from "nodemailer";
import { once } from "./shared/once";
import { createOnce, rowOf, rowsOf, saveLink } from "./shared/record";
import { look, missing, now, usd } from "./shared/service";

const mailer = nodemailer.createTransport(process.env.SMTP_URL ?? "smtp://localhost");
const today = new Date();
const month = `${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, "0")}`;
let status = 0;

function failed(what: string, error: unknown): void {
  console.error(`${what}: ${error}`);
  status = 75;
}

async function send(what: string, key: string, link: IPayLink, to: string, subject: string): Promise<void> {
  const text = `${usd(link.amount)} USD for ${link.description}: ${link.url}`;
  await once(`${what}:${key}`, (token) =>
    mailer.sendMail({ from: "Tea club <club@example.com>", to, subject, text, messageId: `<${token}@example.com>` }));
}

const rows = parse(readFileSync("subscribers.csv", "utf8"), { columns: true, bom: true, skip_empty_lines: true, info: true });
for (const { record: row, info } of rows) {
  const key = `club:${month}:${row.email}`;
  try {
    if (!/^\d+(\.\d{1,6})?$/.test(row.monthly)) throw new Error(`line ${info.lines}: "${row.monthly}" is no amount`);
    const known = rowOf(key)?.link; // a price that changes counts from the next month
    const link = known ? (JSON.parse(known) as IPayLink) : await createOnce(key, row.monthly, `Tea club ${month}`, 14 * 86_400);
    console.log(`${key}: ${usd(link.amount)} USD`);
  } catch (error) {
    failed(key, error);
  }
}

// Those that are over are looked at as well: payments come late.
for (const { key, link } of rowsOf("club:")) {
  const customer = key.split(":")[2];
  try {
    let seen = JSON.parse(link) as IPayLink;
    if (seen.createdTimestamp < now() - 60 * 86_400) continue;
    if (seen.status !== EPayLinkStatus.Paid) saveLink(key, (seen = { ...(await look(seen.id)), url: seen.url }));
    const days = Math.round((now() - seen.createdTimestamp) / 86_400);
    const isLate = (seen.mostRecentPayment?.createdTimestamp ?? 0) >= seen.expirationTimestamp;
    if (missing(seen) > 0) {
      await send("short", key, seen, "owner@example.com", `${customer} paid ${usd(missing(seen))} USD too little`);
    } else if (seen.status === EPayLinkStatus.Paid) {
      if (isLate) await send("late", key, seen, "owner@example.com", `${customer} has paid after all`);
    } else if (seen.status === EPayLinkStatus.Expired) {
      await send("unpaid", key, seen, "owner@example.com", `${customer} has not paid`);
    } else if (days >= 10) {
      await send("last", key, seen, customer, `Last reminder: your tea of ${month}`);
    } else if (days >= 5) {
      await send("reminder", key, seen, customer, `Reminder: your tea of ${month}`);
    } else {
      await send("invoice", key, seen, customer, `Your tea of ${month}`);
    }
  } catch (error) {
    failed(key, error);
  }
}
process.exit(status);
