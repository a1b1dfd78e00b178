import { expect, test } from "vitest";
import { LANGUAGES, snippet } from "./snippets";

const asked = { address: "http://host:1", workspace: "lab", model: "cells-1", confidence: 0.35, overlap: 0.5 };

test("every language names the model, the confidence and the server", () => {
  for (const language of LANGUAGES) {
    const text = snippet(language, asked);
    expect(text).toContain("http://host:1");
    expect(text).toContain("cells-1");
    expect(text).toContain("0.35");
  }
});

test("a name never breaks out of the address", () => {
  const text = snippet("curl", { ...asked, model: 'x" ; rm' });
  expect(text).not.toContain('x" ; rm');
  expect(text).toContain("x%22%20%3B%20rm");
});

test("a threshold is written short, and never above what the page shows", () => {
  expect(snippet("curl", { ...asked, confidence: 0.13786755502223969 })).toContain("confidence=0.1378&overlap=0.5");
  expect(snippet("curl", { ...asked, confidence: 0.29 })).toContain("confidence=0.29&");
});
