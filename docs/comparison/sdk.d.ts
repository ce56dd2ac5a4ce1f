// What the programs here use of the vendor's SDK, with its names: @1shotapi/1shotpay-server-sdk 0.1.1 and
// @1shotapi/1shotpay-common, as published in 1Shot-API/1ShotPay-SDK, and of neverthrow, which its results are values of.

declare module "neverthrow" {
  class Ok<T, E> {
    readonly value: T;
    isOk(): this is Ok<T, E>;
    isErr(): this is Err<T, E>;
  }
  class Err<T, E> {
    readonly error: E;
    isOk(): this is Ok<T, E>;
    isErr(): this is Err<T, E>;
  }
  export type Result<T, E> = Ok<T, E> | Err<T, E>;
  export class ResultAsync<T, E> implements PromiseLike<Result<T, E>> {
    then<A = Result<T, E>, B = never>(
      done?: ((result: Result<T, E>) => A | PromiseLike<A>) | null,
      failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
    ): PromiseLike<A | B>;
    map<A>(fn: (value: T) => A | Promise<A>): ResultAsync<A, E>;
    mapErr<F>(fn: (error: E) => F): ResultAsync<T, F>;
    andThen<A, F>(fn: (value: T) => ResultAsync<A, F>): ResultAsync<A, E | F>;
    match<A, B>(ok: (value: T) => A, err: (error: E) => B): Promise<A | B>;
  }
  export function okAsync<T>(value: T): ResultAsync<T, never>;
  export function errAsync<E>(error: E): ResultAsync<never, E>;
}

declare module "@1shotapi/1shotpay-common" {
  import type { ResultAsync } from "neverthrow";

  type Brand<Value, Name extends string> = Value & { readonly __brand: Name };
  type Make<Value, Branded> = (value: Value) => Branded;

  export type DecimalAmount = Brand<number, "DecimalAmount">;
  export const DecimalAmount: Make<number, DecimalAmount>;
  export type USDCAmount = Brand<number, "USDCAmount">;
  export const USDCAmount: Make<number, USDCAmount>;
  export type UnixTimestamp = Brand<number, "UnixTimestamp">;
  export const UnixTimestamp: Make<number, UnixTimestamp>;
  export type PayLinkId = Brand<string, "PayLinkId">;
  export const PayLinkId: Make<string, PayLinkId>;
  export type PayLinkPaymentId = Brand<string, "PayLinkPaymentId">;
  export type UserId = Brand<string, "UserId">;
  export const UserId: Make<string, UserId>;
  export type URLString = Brand<string, "URLString">;
  export const URLString: Make<string, URLString>;

  export enum EPayLinkStatus { Active = 0, Paid = 1, Expired = 2 }
  export enum ELocale { English = "en", Spanish = "es", Turkish = "tr" }

  // Whatever went wrong: the message begins with "HTTP 404 …" where the service answered.
  export class AjaxError extends Error {
    static fromError(source: Error): AjaxError;
  }
  export function resultAsyncToPromise<T>(result: ResultAsync<T, Error>): Promise<T>;
}

declare module "@1shotapi/1shotpay-server-sdk" {
  import type {
    AjaxError, DecimalAmount, ELocale, EPayLinkStatus, PayLinkId, PayLinkPaymentId, UnixTimestamp, URLString, USDCAmount, UserId,
  } from "@1shotapi/1shotpay-common";
  import type { ResultAsync } from "neverthrow";

  export interface IPayLinkPayment {
    id: PayLinkPaymentId;
    payLinkId: PayLinkId;
    amount: USDCAmount;
    transactionHash: string | null;
    paidByUserId: UserId;
    createdTimestamp: UnixTimestamp;
    updatedTimestamp: UnixTimestamp;
  }
  export interface IPayLink {
    id: PayLinkId;
    url: URLString;
    status: EPayLinkStatus;
    amount: USDCAmount;
    description: string;
    expirationTimestamp: UnixTimestamp;
    reuseable: boolean;
    payerDefinedAmount: boolean;
    requestedPayerUserId: UserId | null;
    archived: boolean;
    ignoredByRequestedPayer: boolean;
    paymentCount: number;
    mostRecentPayment: IPayLinkPayment | null;
    createdTimestamp: UnixTimestamp;
    updatedTimestamp: UnixTimestamp;
  }
  export interface IPayLinkOptions {
    mediaUrl?: URLString;
    reuseable?: boolean;
    expirationTimestamp?: UnixTimestamp;
    requestedPayerUserId?: UserId;
    closeOnComplete?: boolean;
  }
  export class OneShotPayServer {
    constructor(userId: UserId, apiToken: string, locale?: ELocale);
    createPayLink(amount: DecimalAmount, description: string, options?: IPayLinkOptions): ResultAsync<IPayLink, AjaxError>;
    getPayLink(payLinkId: PayLinkId): ResultAsync<IPayLink, AjaxError>;
    waitForPayLinkPayment(payLinkId: PayLinkId): ResultAsync<IPayLink, AjaxError>;
  }
}
