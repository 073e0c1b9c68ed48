import { expect, test } from "vitest";
import { Outstanding } from "../src/outstanding.js";

const ask = (id: number) => ({ id });
const FIRST = 0xffff_fff0;

test("A request is found by its id, and by no other id with the same low bits", () => {
  const table = new Outstanding<{ id: number }>();
  const who = ask(0x8000_0001);
  table.add(who);
  expect(table.get(0x8000_0001)).toBe(who);
  expect(table.get(0x8000_0011)).toBeUndefined();
  expect(table.taken(0x8000_0011)).toBe(true);
  table.remove(who);
  expect(table.get(0x8000_0001)).toBeUndefined();
  expect(table.taken(0x8000_0011)).toBe(false);
});

test("It grows with what is outstanding, and finds all of them", () => {
  const table = new Outstanding<{ id: number }>();
  const all = [];
  for (let id = FIRST; all.length < 3_000; id++) {
    if (table.taken(id)) continue;
    const who = ask(id);
    table.add(who);
    all.push(who);
  }
  for (const who of all) expect(table.get(who.id)).toBe(who);
  expect(new Set(table.all())).toEqual(new Set(all));
  for (const who of all) table.remove(who);
  expect(table.all()).toEqual([]);
  expect(table.get(FIRST)).toBeUndefined();
});

test("One that waits for long does not make it grow while a million others come and go", () => {
  const table = new Outstanding<{ id: number }>();
  const old = ask(0x8000_0000);
  table.add(old);
  let id = 0x8000_0001;
  let passed = 0;
  for (let asked = 0; asked < 1_000_000; asked++, id++) {
    while (table.taken(id)) {
      id++;
      passed++;
    }
    const who = ask(id);
    table.add(who);
    table.remove(who);
  }
  expect(table.get(old.id)).toBe(old);
  // One place of sixteen is taken: ids are passed over as often, and the table has kept its size.
  expect(passed).toBeGreaterThan(60_000);
  expect(passed).toBeLessThan(70_000);
});

test("Removing one that is not there, or twice, changes nothing", () => {
  const table = new Outstanding<{ id: number }>();
  const who = ask(5);
  table.add(who);
  table.remove(ask(5));
  expect(table.get(5)).toBe(who);
  table.remove(who);
  table.remove(who);
  expect(table.all()).toEqual([]);
});
