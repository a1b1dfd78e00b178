/** One question to the server. Addresses are relative, so that the app works behind a path of a proxy. */

/** What the server answered instead of what was asked; `status` 0 when it did not answer. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** Sent to the window when the server no longer knows who asks. */
export const SIGNED_OUT = "epochal-signed-out";

export async function ask<T>(url: string, body?: object, method = body ? "POST" : "GET"): Promise<T> {
  const answer = await send(url, body, method);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** An answer that is not JSON. */
export async function askForBytes(url: string): Promise<ArrayBuffer> {
  return (await send(url)).arrayBuffer();
}

async function send(url: string, body?: object, method = "GET"): Promise<Response> {
  let answer: Response;
  const sent = body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  try {
    answer = await fetch(url, { method, ...sent });
  } catch {
    throw new ApiError("The server does not answer. Is `epochal serve` running?", 0);
  }
  if (answer.status === 401) dispatchEvent(new Event(SIGNED_OUT));
  if (!answer.ok) throw new ApiError(await errorMessage(answer), answer.status);
  return answer;
}

/** Why, as the server says it. */
export async function errorMessage(answer: Response): Promise<string> {
  try {
    const { error } = (await answer.json()) as { error?: { message?: string } };
    if (error?.message) return error.message;
  } catch {
    // Not from our server: a proxy's page.
  }
  return `The server answered ${answer.status} ${answer.statusText}.`;
}
