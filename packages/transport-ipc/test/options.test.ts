/** What `ipc()` takes. */
import { BadTypeError, InvalidOperationError, NotSupportedError } from "@sprocket/core";
import { expect, test } from "vitest";
import { type IpcOptions, ipc } from "../src/index.js";

test("the transport answers ipc, unix and abstract", () => {
  expect(ipc()).toMatchObject({ name: "ipc", schemes: ["ipc", "unix", "abstract"] });
});

test.each([0, 0o600, 0o660, 0o666, 0o777])("permissions may be %i", (permissions) => {
  expect(() => ipc({ permissions, backlog: 1 })).not.toThrow();
});

test("an option that is undefined has its default", () => {
  expect(() => ipc({ permissions: undefined, backlog: undefined })).not.toThrow();
});

test.each([-1, 0o1000, 0o170000, 6.6, Number.NaN, Number.POSITIVE_INFINITY])(
  "permissions cannot be %d",
  (permissions) => {
    expect(() => ipc({ permissions })).toThrow(InvalidOperationError);
  },
);

test("a mode that was written in decimal is recognised", () => {
  expect(() => ipc({ permissions: 660 })).toThrow("Did you mean 0o660?");
});

test.each(["0600", null, true, {}])("permissions of another type are refused: %j", (permissions) => {
  expect(() => ipc({ permissions } as unknown as IpcOptions)).toThrow(BadTypeError);
});

test.each([0, -1, 70_000, 1.5])("backlog cannot be %d", (backlog) => {
  expect(() => ipc({ backlog })).toThrow(InvalidOperationError);
});

test("an unknown option is an error that says what was meant", () => {
  expect(() => ipc({ permission: 0o600 } as unknown as IpcOptions)).toThrow(NotSupportedError);
  expect(() => ipc({ permission: 0o600 } as unknown as IpcOptions)).toThrow("Did you mean permissions?");
  expect(() => ipc(JSON.parse('{ "__proto__": { "permissions": 511 } }'))).toThrow(NotSupportedError);
  expect(() => ipc("0600" as unknown as IpcOptions)).toThrow(BadTypeError);
});
