// node --test: the exit status says how an order ended, and its receipt goes out once. SHOP_DB=:memory:
import { AjaxError, EPayLinkStatus, PayLinkId } from "@1shotapi/1shotpay-common";
import { OneShotPayServer } from "@1shotapi/1shotpay-server-sdk";
import { errAsync, okAsync } from "neverthrow";
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { checkout, mailer } from "./checkout-receipt";
import { db } from "./shared/record";

// A service: the SDK's address cannot be changed, so its methods are replaced.
let link: any, links = 0, problem = "", refusesMail = false, mails: any[] = [], printed: string[] = [];
const seconds = () => Math.floor(Date.now() / 1000);
const answer = (value: () => unknown) => (problem ? errAsync(AjaxError.fromError(new Error(problem))) : okAsync(value()));

function pay(micro: number): void {
  link.status = EPayLinkStatus.Paid;
  link.paymentCount++;
  link.mostRecentPayment = { id: `payment-${link.paymentCount}`, amount: micro, createdTimestamp: seconds() };
}

beforeEach(() => {
  [links, problem, refusesMail, mails, printed] = [0, "", false, [], []];
  db.exec("DELETE FROM links; DELETE FROM payments; DELETE FROM effects");
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: Date.UTC(2026, 0, 5, 8) });
  mock.method(OneShotPayServer.prototype, "createPayLink", (amount: number, description: string, options: any) => answer(() => {
    links++;
    return link = {
      id: PayLinkId(`link-${links}`), url: "https://1shotpay.com/en/link/1", status: EPayLinkStatus.Active, description,
      amount: Math.round(amount * 1e6), expirationTimestamp: options.expirationTimestamp, paymentCount: 0, mostRecentPayment: null,
    };
  }));
  mock.method(OneShotPayServer.prototype, "getPayLink", () => answer(() => {
    if (link.status === EPayLinkStatus.Active && seconds() >= link.expirationTimestamp) link.status = EPayLinkStatus.Expired;
    return { ...link };
  }));
  mock.method(mailer, "sendMail", async (mail: any) => {
    if (refusesMail) throw new Error("no such mailbox");
    mails.push(mail);
  });
  mock.method(console, "log", (text: string) => printed.push(text));
});
afterEach(() => {
  mock.restoreAll();
  mock.timers.reset();
});

// Lets time pass a second at a time, as each look needs turns of the loop before the next timer is set.
async function advance(count: number): Promise<void> {
  for (let second = 0; second < count; second++) {
    for (let i = 0; i < 8; i++) await turn();
    mock.timers.tick(1000);
  }
}

async function ended(process: Promise<number>): Promise<number> {
  let status: number | undefined;
  process.then((value) => (status = value));
  while (status === undefined) await advance(1);
  return status;
}
const run = () => checkout("order-7", "16.45", "ada@example.com");

test("is paid after ten minutes, and the receipt says how much", async () => {
  const process = run();
  await advance(600);
  pay(16_450_000);
  assert.equal(await ended(process), 0);
  assert.deepEqual(printed, ["order-7: paid 16.45 USD", "order-7: receipt sent to ada@example.com"]);
  assert.equal(mails[0].subject, "Receipt order-7");
  assert.equal(mails[0].to, "ada@example.com");
  assert.equal(mails[0].text, "We received 16.45 USD for order-7. Thank you!");
});

test("says what is too much", async () => {
  const process = run();
  await advance(1);
  pay(20_000_000);
  assert.equal(await ended(process), 0);
  assert.match(mails[0].text, /20\.00 USD for order-7[^]*That is 3\.55 USD too much/);
});

test("fails with status 1 when too little or nothing comes, and sends no receipt", async () => {
  assert.equal(await ended(run()), 1);
  const short = checkout("order-8", "16.45", "ada@example.com");
  await advance(60);
  pay(16_440_000);
  assert.equal(await ended(short), 1);
  assert.equal(mails.length, 0);
});

test("counts a late payment when it is run again, and sends one receipt however often that is", async () => {
  assert.equal(await ended(run()), 1);
  pay(16_450_000);
  for (let i = 0; i < 2; i++) {
    assert.equal(await ended(run()), 0);
    assert.match(printed.join("\n"), /^order-7: paid 16\.45 USD, late\n/);
    await advance(3600);
  }
  assert.equal(mails.length, 1);
  assert.equal(links, 1);
});

// A kill cannot be played in one process: the first run is left where it is, which is less than SIGKILL does.
test("makes one link and one receipt although it is left while it waits", async () => {
  void run();
  await advance(300);
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: Date.UTC(2026, 0, 5, 8, 5) });
  pay(16_450_000);
  assert.equal(await ended(run()), 0);
  assert.equal(links, 1);
  assert.equal(mails.length, 1);
});

test("says that the receipt is still to be sent, and sends it when it is run again", async () => {
  refusesMail = true;
  const process = run();
  await advance(1);
  pay(16_450_000);
  assert.equal(await ended(process), 75);
  refusesMail = false;
  assert.equal(await ended(run()), 0);
  assert.equal(mails.length, 1);
});

// A wrong call is found where the module is started, which this does not do.
test("has statuses of their own for a service that is away and for refused credentials", async () => {
  for (const [message, status] of [["HTTP 401", 77], ["HTTP 503", 69]] as const) {
    problem = message;
    assert.equal(await ended(run()), status);
  }
});
