import { expect, test } from "vitest";
import { curlOf } from "./curl";
import type { OpenApi } from "./openapi";
import { exampleOf, groupRoutes, rowsOf, searchGroups, typeText } from "./openapi";

const doc: OpenApi = {
  info: { title: "T", version: "1" },
  paths: {
    "/api/w/{workspace}/things": {
      get: {
        tags: ["things"],
        description: "All things.",
        parameters: [{ name: "query", in: "query", required: true, schema: { type: "string" } }],
        responses: { "200": { content: { "application/json": { schema: { type: "object" } } } } },
      },
      post: {
        tags: ["things"],
        description: "Make one.",
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } } },
        responses: { "4XX": {}, "201": {} },
      },
    },
    "/api/pictures": {
      post: { tags: ["pictures"], requestBody: { content: { "image/*": {} } } },
      head: { tags: ["pictures"] },
    },
  },
  components: {
    schemas: {
      Thing: {
        type: "object",
        required: ["name", "box"],
        properties: {
          name: { type: "string", minLength: 1, maxLength: 20, description: "It's a name." },
          box: { type: "array", prefixItems: [{ type: "number" }, { type: "number", minimum: 2 }] },
          start: { $ref: "#/components/schemas/Start", default: { kind: "random" } },
          size: { anyOf: [{ type: "integer", minimum: 1, maximum: 9, description: "In pixels." }, { type: "null" }] },
          parts: { type: "array", items: { $ref: "#/components/schemas/Thing" } },
        },
      },
      Start: { type: "object", properties: { kind: { enum: ["random", "model"] } } },
    },
  },
};

test("routes stand by tag, with what they take and give", () => {
  const [things, pictures] = groupRoutes(doc);
  expect([things?.tag, things?.routes.map(({ method }) => method)]).toEqual(["things", ["GET", "POST"]]);
  expect(things?.routes[1]?.answer?.status).toBe("201");
  expect(pictures?.routes.map(({ key }) => key)).toEqual(["post /api/pictures"]);
});

test("a search needs every word, anywhere in a route", () => {
  const groups = groupRoutes(doc);
  expect(searchGroups(groups, "POST one").map(({ routes }) => routes.length)).toEqual([1]);
  expect(searchGroups(groups, "post")).toHaveLength(2);
  expect(searchGroups(groups, "post unicorn")).toEqual([]);
});

test("kinds are told with their bounds", () => {
  const field = (name: string) => doc.components?.schemas?.["Thing"]?.properties?.[name] ?? {};
  expect(typeText(doc, field("name"))).toBe("string of 1…20 characters");
  expect(typeText(doc, field("size"))).toBe("integer 1…9 or null");
  expect(typeText(doc, { $ref: "#/components/schemas/Start" })).toBe("object");
  expect(typeText(doc, { type: "array", items: { enum: ["a", "b"] } })).toBe('list of "a" | "b"');
});

test("fields of parts stand below them, and a form that holds itself ends", () => {
  const rows = rowsOf(doc, { $ref: "#/components/schemas/Thing" });
  const names = rows.map(({ name }) => name);
  expect(names.slice(0, 5)).toEqual(["name", "box", "start", "start.kind", "size"]);
  expect(names).toContain("parts[].parts[].parts[].name");
  expect(rows.every(({ depth }) => depth <= 3)).toBe(true);
  expect(rows[0]).toMatchObject({ isRequired: true, description: "It's a name." });
  expect(rows[2]).toMatchObject({ isRequired: false, default: '{"kind":"random"}' });
  expect(rows[4]).toMatchObject({ description: "In pixels." });
});

test("an example has what is required", () => {
  expect(exampleOf(doc, { $ref: "#/components/schemas/Thing" })).toEqual({ name: "…", box: [0, 2] });
  expect(exampleOf(doc, { $ref: "#/components/schemas/Start" })).toEqual({ kind: "random" });
});

test("a command carries the key, the query that is needed, and a body that a shell takes as it is", () => {
  const [things, pictures] = groupRoutes(doc);
  const [get, post] = things?.routes ?? [];
  const [picture] = pictures?.routes ?? [];
  if (!get || !post || !picture) throw new Error("routes are missing");
  expect(curlOf(doc, get, "http://a")).toBe(
    `curl 'http://a/api/w/{workspace}/things?query=…' \\\n  -H "Authorization: Bearer $EPOCHAL_API_KEY"`,
  );
  expect(curlOf(doc, post, "http://a")).toContain(`-d '{"name":"…","box":[0,2]}'`);
  expect(curlOf(doc, picture, "http://a")).toContain("-H 'Content-Type: image/jpeg'");
  const quoted = { ...post, body: { type: "application/json", schema: { const: "it's" } } };
  expect(curlOf(doc, quoted, "http://a")).toContain(`-d '"it'\\''s"'`);
});
