import { expect, test } from "vitest";
import { signInLinkOf } from "./signIn";

test("signInLinkOf reads the token and where to go", () => {
  expect(signInLinkOf("#/sign-in?token=a-b_c&then=%2Fruns%2Fcells-1")).toEqual({
    token: "a-b_c",
    then: "/runs/cells-1",
  });
  expect(signInLinkOf("#/sign-in?token=abc")).toEqual({ token: "abc", then: "/" });
});

test("signInLinkOf goes nowhere but into the app", () => {
  for (const then of ["//evil.example", "https://evil.example", "javascript:alert(1)", ""])
    expect(signInLinkOf(`#/sign-in?token=abc&then=${encodeURIComponent(then)}`)?.then).toBe("/");
});

test("signInLinkOf leaves other addresses alone", () => {
  for (const hash of ["", "#/", "#/sign-in", "#/sign-in?token=", "#/runs/sign-in?token=abc"])
    expect(signInLinkOf(hash)).toBeNull();
});
