/** An OpenAPI description as a person reads it: routes by tag, forms as rows, an example to paste; pure. */

export interface Schema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  prefixItems?: Schema[];
  additionalProperties?: boolean | Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header" | "cookie";
  required?: boolean;
  description?: string;
  schema?: Schema;
}

type Content = Record<string, { schema?: Schema }>;

interface Operation {
  tags?: string[];
  description?: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Content };
  responses?: Record<string, { description?: string; content?: Content }>;
}

export interface OpenApi {
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

export interface Route {
  key: string;
  method: string;
  path: string;
  about: string;
  parameters: Parameter[];
  body: { type: string; schema: Schema } | null;
  answer: { status: string; type: string; schema: Schema } | null;
}

export interface Group {
  tag: string;
  routes: Route[];
}

export const METHODS = ["get", "post", "put", "patch", "delete"];

/** Routes by their first tag, in the order of the description. */
export function groupRoutes(doc: OpenApi): Group[] {
  const groups = new Map<string, Route[]>();
  for (const [path, operations] of Object.entries(doc.paths)) {
    for (const method of METHODS) {
      const operation = operations[method];
      if (!operation) continue;
      const tag = operation.tags?.[0] ?? "other";
      groups.set(tag, [...(groups.get(tag) ?? []), routeOf(method, path, operation)]);
    }
  }
  return [...groups].map(([tag, routes]) => ({ tag, routes }));
}

function routeOf(method: string, path: string, operation: Operation): Route {
  const [body] = Object.entries(operation.requestBody?.content ?? {});
  const [status, told] = Object.entries(operation.responses ?? {}).find(([code]) => /^2/.test(code)) ?? [];
  const [answer] = Object.entries(told?.content ?? {});
  return {
    key: `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    about: operation.description ?? "",
    parameters: operation.parameters ?? [],
    body: body ? { type: body[0], schema: body[1].schema ?? {} } : null,
    answer: status === undefined ? null : { status, type: answer?.[0] ?? "", schema: answer?.[1].schema ?? {} },
  };
}

/** The groups of which something holds all the words; words are looked for in method, path, tag and description. */
export function searchGroups(groups: Group[], words: string): Group[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (tag: string, route: Route): boolean => {
    const text = `${route.method} ${route.path} ${tag} ${route.about}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  };
  return groups
    .map(({ tag, routes }) => ({ tag, routes: routes.filter((route) => fits(tag, route)) }))
    .filter(({ routes }) => routes.length > 0);
}

/** What a reference stands for; itself when it is none. */
export function resolve(doc: OpenApi, schema: Schema): Schema {
  const name = schema.$ref?.split("/").pop();
  const found = name === undefined ? undefined : doc.components?.schemas?.[name];
  return found ? { ...found, ...(schema.description ? { description: schema.description } : {}) } : schema;
}

function choices(schema: Schema): Schema[] {
  return schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
}

/** The kind of a value in a few words, such as "integer 1…10000 or null". */
export function typeText(doc: OpenApi, given: Schema): string {
  const schema = resolve(doc, given);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const several = choices(schema);
  if (several.length > 0) return [...new Set(several.map((one) => typeText(doc, one)))].join(" or ");
  if (schema.type === "array") return `list of ${schema.items ? typeText(doc, schema.items) : "anything"}`;
  if (schema.format === "binary") return "file";
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : (schema.type ?? "anything");
  return type + bounds(schema);
}

function bounds({ minimum, maximum, minLength, maxLength, pattern }: Schema): string {
  const number = minimum !== undefined || maximum !== undefined ? ` ${minimum ?? ""}…${maximum ?? ""}` : "";
  const length = maxLength !== undefined ? ` of ${minLength ?? 0}…${maxLength} characters` : "";
  return number + length + (pattern === undefined ? "" : ` like ${pattern}`);
}

export interface Row {
  /** Dotted, such as "start.kind". */
  name: string;
  type: string;
  isRequired: boolean;
  default: string | null;
  description: string;
  depth: number;
}

const DEEPEST = 3;

/** The fields of a form, those of its parts below them. */
export function rowsOf(doc: OpenApi, given: Schema, prefix = "", depth = 0): Row[] {
  const schema = partOf(doc, given);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const full = prefix + name;
    const whole = resolve(doc, field);
    const row: Row = {
      name: full,
      type: typeText(doc, field),
      isRequired: schema.required?.includes(name) ?? false,
      default: field.default === undefined ? null : JSON.stringify(field.default),
      description: field.description ?? choices(whole).find((one) => one.description)?.description ?? "",
      depth,
    };
    const isList = partOf(doc, field, false).type === "array";
    const below = depth < DEEPEST ? rowsOf(doc, field, `${full}${isList ? "[]" : ""}.`, depth + 1) : [];
    return [row, ...below];
  });
}

/** The object that a schema is about: of a list its items, of a choice with null the other one. */
function partOf(doc: OpenApi, given: Schema, intoLists = true): Schema {
  const schema = resolve(doc, given);
  const [only, ...others] = choices(schema).filter((one) => resolve(doc, one).type !== "null");
  if (only && others.length === 0) return partOf(doc, only, intoLists);
  return intoLists && schema.type === "array" && schema.items ? partOf(doc, schema.items, intoLists) : schema;
}

/** A body that has the form of a schema: required fields, or the first few where none is. */
export function exampleOf(doc: OpenApi, given: Schema, depth = 0): unknown {
  const schema = resolve(doc, given);
  if (schema.default !== undefined && schema.default !== null) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.const !== undefined) return schema.const;
  const [first] = choices(schema);
  if (first) return exampleOf(doc, first, depth);
  if (schema.type === "object") return exampleObject(doc, schema, depth);
  if (schema.type === "array") return depth > DEEPEST ? [] : exampleList(doc, schema, depth);
  if (schema.type === "integer" || schema.type === "number") return schema.minimum ?? 0;
  return schema.type === "boolean" ? true : schema.type === "null" ? null : "…";
}

function exampleList(doc: OpenApi, schema: Schema, depth: number): unknown[] {
  if (schema.prefixItems) return schema.prefixItems.map((one) => exampleOf(doc, one, depth + 1));
  return schema.items ? [exampleOf(doc, schema.items, depth + 1)] : [];
}

function exampleObject(doc: OpenApi, schema: Schema, depth: number): unknown {
  const fields = Object.entries(schema.properties ?? {});
  if (depth > DEEPEST) return {};
  const required = fields.filter(([name]) => schema.required?.includes(name));
  const shown = required.length > 0 ? required : fields.slice(0, 3);
  return Object.fromEntries(shown.map(([name, field]) => [name, exampleOf(doc, field, depth + 1)]));
}
