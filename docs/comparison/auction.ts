// node auction.js, each minute under flock: three bidders get a link each, and whoever pays first has the lot.
// A link cannot be cancelled, nor a payment be given back, by the SDK: what came second is told to the owner.
import nodemailer from "nodemailer";
import { once } from "./shared/once";
import { createOnce, saveLink } from "./shared/record";
import { look, missing, now, received, usd } from "./shared/service";
import { EPayLinkStatus } from "@1shotapi/1shotpay-common";

const lot = "lot-7";
const bids = [["Ada", "120.00"], ["Ben", "118.00"], ["Cleo", "115.00"]];
const mailer = nodemailer.createTransport(process.env.SMTP_URL ?? "smtp://localhost");
let status = 0;

const seen = [];
for (const [bidder, amount] of bids) {
  const key = `${lot}:${bidder}`;
  try {
    const made = await createOnce(key, amount, "Lot 7", 2 * 3600);
    console.error(`send this to ${bidder}: ${made.url}`);
    // Payments come late: a link is looked at for a day after its end.
    const link = now() < made.expirationTimestamp + 86_400 ? await look(made.id) : made;
    saveLink(key, link);
    seen.push({ key, link });
  } catch (error) {
    console.error(`${key}: ${error}`);
    status = 75;
  }
}

// First is who paid first by the service's clock. Nothing is decided while one of the three cannot be seen.
const shown = seen.filter(({ link }) => link.status === EPayLinkStatus.Paid && link.mostRecentPayment);
const full = shown.filter(({ link }) => missing(link) === 0)
  .sort((a, b) => a.link.mostRecentPayment!.createdTimestamp - b.link.mostRecentPayment!.createdTimestamp);
const winner = full.length > 0 && seen.length === bids.length ? await once(`sold:${lot}`, async () => full[0].key) : null;
for (const { key, link } of shown) {
  const amount = usd(received(link) ?? 0);
  try {
    if (key === winner) {
      await once(`told:${key}`, async () => console.log(`${key} has it for ${amount} USD`));
    } else if (winner || missing(link) > 0) {
      await once(`give-back:${key}`, (token) => mailer.sendMail({
        from: "auction@example.com", to: "owner@example.com", subject: `Give back ${amount} USD`,
        text: `${key}, payment ${link.mostRecentPayment!.id}`, messageId: `<${token}@example.com>`,
      }));
    }
  } catch (error) {
    console.error(`${key}: ${error}`);
    status = 75;
  }
}
process.exit(status);
