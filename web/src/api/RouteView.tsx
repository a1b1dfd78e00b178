/** One route; what it takes and gives is drawn when it is opened. */
import { useState } from "react";
import { Button } from "../ui/controls";
import shared from "../ui/shared.module.css";
import styles from "./Api.module.css";
import { curlOf } from "./curl";
import type { OpenApi, Parameter, Route, Schema } from "./openapi";
import { rowsOf, typeText } from "./openapi";

export function RouteView({ doc, route }: { doc: OpenApi; route: Route }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={styles["route"]} onToggle={(event) => setOpen(event.currentTarget.open)} data-testid="route">
      <summary>
        <span className={styles["method"]} data-method={route.method}>
          {route.method}
        </span>
        <code>{route.path}</code>
        <span className={shared["hint"]}>{route.about}</span>
      </summary>
      {isOpen && <Whole doc={doc} route={route} />}
    </details>
  );
}

function Whole({ doc, route }: { doc: OpenApi; route: Route }) {
  const curl = curlOf(doc, route, new URL(".", document.baseURI).href.replace(/\/$/, ""));
  return (
    <div className={styles["whole"]}>
      {route.parameters.length > 0 && <Parameters doc={doc} parameters={route.parameters} />}
      {route.body && <Form title={`Body, ${route.body.type}`} doc={doc} schema={route.body.schema} isAsked />}
      {route.answer && (
        <Form
          title={`Answer ${route.answer.status}${route.answer.type ? `, ${route.answer.type}` : ", without a body"}`}
          doc={doc}
          schema={route.answer.schema}
        />
      )}
      <div className={shared["head"]}>
        <h3>Example</h3>
        <Button tone="quiet" onClick={() => void navigator.clipboard.writeText(curl)}>
          Copy
        </Button>
      </div>
      <pre className={shared["code"]} tabIndex={0}>
        {curl}
      </pre>
    </div>
  );
}

function Parameters({ doc, parameters }: { doc: OpenApi; parameters: Parameter[] }) {
  return (
    <>
      <h3>Parameters</h3>
      <div className={styles["fields"]}>
        <table className={shared["table"]}>
          <tbody>
            {parameters.map((one) => (
              <tr key={`${one.in} ${one.name}`}>
                <td>
                  <code>{one.name}</code>
                </td>
                <td className={shared["hint"]}>
                  {one.in}
                  {one.required ? ", required" : ""}
                </td>
                <td className={styles["type"]}>{typeText(doc, one.schema ?? {})}</td>
                <td>{one.description ?? one.schema?.description ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Form({ title, doc, schema, isAsked }: { title: string; doc: OpenApi; schema: Schema; isAsked?: boolean }) {
  const rows = rowsOf(doc, schema);
  return (
    <>
      <h3>{title}</h3>
      {rows.length > 0 && (
        <div className={styles["fields"]}>
          <table className={shared["table"]}>
            <tbody>
              {rows.map((row) => (
                <tr key={row.name}>
                  <td>
                    <code>{row.name}</code>
                  </td>
                  <td className={styles["type"]}>
                    {row.type}
                    {isAsked && row.isRequired && <strong> required</strong>}
                    {isAsked && row.default !== null && <span> = {row.default}</span>}
                  </td>
                  <td>{row.description}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
