// node checkout-receipt.js ORDER AMOUNT CUSTOMER: 0 paid and the receipt sent, 1 not paid, 69 the service is out of reach,
// 75 the receipt is still to be sent, 77 credentials refused. May be run again whatever it was.
import nodemailer from "nodemailer";
import { once } from "./shared/once";
import { createOnce, saveLink } from "./shared/record";
import { received, usd } from "./shared/service";
import { Unpaid, waitUntilPaid } from "./shared/wait";

export const mailer = nodemailer.createTransport(process.env.SMTP_URL ?? "smtp://localhost");

function statusOf(error: unknown): number {
  const message = String(error);
  if (error instanceof Unpaid && error.code !== "unreachable" && error.code !== "unauthorized") return 1;
  if (message.includes("HTTP 401") || message.includes("unauthorized")) return 77;
  return /HTTP 4|other terms/.test(message) ? 1 : 69;
}

export async function checkout(order: string, amount: string, customer: string): Promise<number> {
  let paid;
  try {
    const link = await createOnce(order, amount, `Order ${order}`, 15 * 60);
    console.error("show this to the customer:", link.url);
    paid = await waitUntilPaid(link);
  } catch (error) {
    console.error(`${order}: ${error}`);
    return statusOf(error);
  }
  saveLink(order, paid);
  const came = received(paid) ?? paid.amount;
  const isLate = (paid.mostRecentPayment?.createdTimestamp ?? 0) >= paid.expirationTimestamp;
  console.log(`${order}: paid ${usd(came)} USD${isLate ? ", late" : ""}`);
  let text = `We received ${usd(came)} USD for ${order}. Thank you!`;
  if (came > paid.amount) text += `\nThat is ${usd(came - paid.amount)} USD too much: please reply to get it back.`;
  try {
    await once(`receipt:${order}`, (token) => mailer.sendMail({
      from: "Shop <shop@example.com>", to: customer, subject: `Receipt ${order}`, text, messageId: `<${token}@example.com>`,
    }));
  } catch (error) {
    console.error(`${order}: paid, but the receipt was not sent: ${error}`);
    return 75;
  }
  console.log(`${order}: receipt sent to ${customer}`);
  return 0;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [order, amount, customer] = process.argv.slice(2);
  if (!order || !amount || !customer) {
    console.error("usage: node checkout-receipt.js ORDER AMOUNT CUSTOMER@EXAMPLE.COM");
    process.exit(64);
  }
  process.exit(await checkout(order, amount, customer));
}
