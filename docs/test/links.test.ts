/** Links between the documents lead somewhere. */
import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { expect, test } from "vitest";
import { documents, repository } from "./support/documents.js";

const all = documents();
const byPath = new Map(all.map((document) => [document.path, document]));

test.each([...byPath])("every relative link in %s resolves", (_path, document) => {
  const broken: string[] = [];
  for (const { where, target } of document.links()) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? join(repository, document.path) : join(document.folder, decodeURI(path));
    if (!existsSync(file)) broken.push(`${where}: there is no ${target}`);
    else if (anchor !== undefined) {
      const named = byPath.get(relative(repository, file).split(sep).join("/"));
      if (named?.anchors().has(anchor) !== true)
        broken.push(`${where}: there is no heading #${anchor} in ${path || "it"}`);
    }
  }
  expect(broken).toEqual([]);
});
