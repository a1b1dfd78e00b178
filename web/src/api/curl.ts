/** A route as a command to paste; pure. */
import type { OpenApi, Route } from "./openapi";
import { exampleOf } from "./openapi";

/** Within single quotes of a shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** @param address of the server, without a slash at its end; words in braces are to be replaced. */
export function curlOf(doc: OpenApi, route: Route, address: string): string {
  const query = route.parameters.filter((one) => one.in === "query" && one.required).map(({ name }) => `${name}=…`);
  const url = address + route.path + (query.length > 0 ? `?${query.join("&")}` : "");
  const lines = [`curl${route.method === "GET" ? "" : ` -X ${route.method}`} ${quote(url)}`];
  lines.push(`-H "Authorization: Bearer $EPOCHAL_API_KEY"`);
  if (route.body?.type === "application/json") {
    lines.push(`-H 'Content-Type: application/json'`, `-d ${quote(JSON.stringify(exampleOf(doc, route.body.schema)))}`);
  } else if (route.body?.type === "multipart/form-data") {
    lines.push("-F file=@picture.jpg");
  } else if (route.body) {
    lines.push(
      `-H ${quote(`Content-Type: ${route.body.type.replace("image/*", "image/jpeg")}`)}`,
      "--data-binary @FILE",
    );
  }
  return lines.join(" \\\n  ");
}
