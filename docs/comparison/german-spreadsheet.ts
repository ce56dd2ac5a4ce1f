// node german-spreadsheet.js FILE: a link in every row of a table with semicolons, decimal comma and Windows-1252.
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import pMap from "p-map";
import { createOnce } from "./shared/record";

const input = process.argv[2] ?? "bestellungen.csv";
const output = input.replace(/\.csv$/, "") + ".links.csv";
const columns = ["Bestellung", "Kunde", "Artikel", "Betrag", "Link"];

const text = new TextDecoder("windows-1252").decode(readFileSync(input));
const rows = parse(text, { columns: true, delimiter: ";", bom: true, skip_empty_lines: true, info: true });
const keys = new Set<string>();
let status = 0;

const results = await pMap(rows, async ({ record, info }) => {
  try {
    // 1.234,50 and 12.50 are refused: a point may be a thousands separator or a typing error.
    if (!/^\d+(,\d{1,6})?$/.test(record.Betrag)) throw new Error(`line ${info.lines}: "${record.Betrag}" is no amount`);
    if (!record.Bestellung || keys.has(record.Bestellung)) throw new Error(`line ${info.lines}: an order number is missing or twice`);
    keys.add(record.Bestellung);
    const amount = record.Betrag.replace(",", ".");
    const link = await createOnce(record.Bestellung, amount, `Bestellung ${record.Bestellung}: ${record.Artikel}`, 14 * 86_400);
    return { record: { ...record, Link: link.url }, message: `${record.Kunde}, ${amount} USD` };
  } catch (error) {
    const isService = error instanceof Error && error.name === "AjaxError" && !/HTTP 4/.test(error.message);
    status = isService ? 75 : Math.max(status, 65);
    return { record, message: String(error) };
  }
}, { concurrency: 8 });

for (const { record, message } of results) console.log(`${record.Bestellung}: ${message}`);
const table = stringify(results.map(({ record }) => record),
  { header: true, columns, delimiter: ";", bom: true, escape_formulas: true, record_delimiter: "windows" });
writeFileSync(output + ".tmp", table);
renameSync(output + ".tmp", output);
process.exit(status);
